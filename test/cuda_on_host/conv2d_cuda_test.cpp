// SPDX-License-Identifier: MIT
#include "kernels/conv2d.h"

#include <algorithm>

#include "kernels/cuda/workspace.h"
#include "kernels/matmul.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/run.h"
#include "test/cuda/launch_test.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/support.h"
#include "test/support/with_math_mode.h"

// What convolution and matrix product do with cuDNN and cuBLAS besides the right result.
using kernels::Conv2dShape;
using test::Device;
using test::DeviceArray;
using test::WithMathMode;

namespace {

constexpr std::size_t warm_up_bytes = std::size_t{64} << 20;  // of the test program
const Conv2dShape small{.n = 2, .h = 4, .w = 5, .c = 3, .k = 6, .r = 3, .s = 3, .pad = 1};

struct Arrays {
  Conv2dShape shape;
  DeviceArray<float> x{Device::cuda, test::random_values(shape.x_size(), -1, 1, 1)};
  // One more, so that the filter can lie at an odd place.
  DeviceArray<float> filter{Device::cuda, test::random_values(shape.filter_size() + 1, -1, 1, 2)};
  DeviceArray<float> y{Device::cuda, shape.y_size()};

  std::vector<float> forward(int offset = 0) const {
    kernels::run(Device::cuda, kernels::Conv2d{x.data(), filter.data() + offset, y.data(), shape});
    return y.host();
  }
  std::vector<float> filter_grad() const {
    const DeviceArray<float> dfilter(Device::cuda, shape.filter_size());
    kernels::run(Device::cuda,
                 kernels::Conv2dFilterGrad{x.data(), y.data(), dfilter.data(), shape});
    return dfilter.host();
  }
};

}  // namespace

TEST_CASE("conv2d and matmul round to TF32 only where that is allowed") {
  const Arrays arrays{small};
  const DeviceArray<float> product(Device::cuda, 10 * 10);
  const auto matmul = [&] {
    kernels::run(Device::cuda, kernels::MatMul{arrays.x.data(), arrays.filter.data(),
                                               product.data(), 10, 10, 10});
    return product.host();
  };
  const std::vector<float> y = arrays.forward(), c = matmul();
  {
    const WithMathMode mode({.allow_tf32 = true});
    CHECK(arrays.forward() != y);
    test::expect_close(arrays.forward(), test::to_double(y), 0, 1e-2);
    CHECK(matmul() != c);
    test::expect_close(matmul(), test::to_double(c), 0, 1e-2);
  }
  CHECK(arrays.forward() == y);
  CHECK(matmul() == c);
}

TEST_CASE("conv2d takes Winograd's algorithm only where that is allowed") {
  const Arrays arrays{small};
  const std::vector<float> y = arrays.forward();
  {
    const WithMathMode mode({.allow_winograd = true});
    CHECK(arrays.forward() != y);
    test::expect_close(arrays.forward(), test::to_double(y), 0, 1e-4);
  }
  CHECK(arrays.forward() == y);
}

TEST_CASE("conv2d takes an engine whose sums vary only where that is allowed") {
  const Arrays arrays{small};
  arrays.forward();
  CHECK(arrays.filter_grad() == arrays.filter_grad());
  const WithMathMode mode({.deterministic = false});
  CHECK(arrays.filter_grad() != arrays.filter_grad());
}

TEST_CASE("conv2d takes filters that are aligned to their elements only") {
  const Arrays arrays{small};
  const auto moved = [](std::vector<float> values) {
    values.erase(values.begin());
    return values;
  };
  const Arrays other{small};
  const DeviceArray<float> straight(Device::cuda, moved(arrays.filter.host()));
  kernels::run(Device::cuda,
               kernels::Conv2d{arrays.x.data(), straight.data(), other.y.data(), small});
  CHECK(arrays.forward(1) == other.y.host());
}

TEST_CASE("conv2d in bf16 takes tensor cores in all modes, and filters that are not aligned") {
  using kernels::bf16;
  const auto narrow = [](const std::vector<float>& values) {
    std::vector<bf16> all;
    for (const float value : values) all.push_back(bf16(value));
    return all;
  };
  const std::size_t filter_size = small.filter_size();
  const std::vector<bf16> images = narrow(test::random_values(small.x_size(), -1, 1, 1)),
                          weights = narrow(test::random_values(filter_size, -1, 1, 2));
  std::vector<bf16> shifted(weights);
  shifted.insert(shifted.begin(), bf16(0.0f));
  const DeviceArray<bf16> x(Device::cuda, images), filter(Device::cuda, weights),
      odd(Device::cuda, shifted), y(Device::cuda, small.y_size()), odd_y(Device::cuda, y.size());
  const auto floats = [](const DeviceArray<bf16>& array) {
    const std::vector<bf16> all = array.host();
    return std::vector<float>(all.begin(), all.end());
  };
  kernels::run(Device::cuda, kernels::Conv2d{x.data(), filter.data(), y.data(), small});
  kernels::run(Device::cuda, kernels::Conv2d{x.data(), odd.data() + 1, odd_y.data(), small});
  CHECK(floats(y) == floats(odd_y));

  // The gradient of a filter is rounded to bf16 on its way.
  const DeviceArray<float> dfilter(Device::cuda, filter_size);
  kernels::run(Device::cuda, kernels::Conv2dFilterGrad{x.data(), y.data(), dfilter.data(), small});
  const std::vector<float> gradient = dfilter.host();
  CHECK(gradient != std::vector<float>(gradient.size(), 0.0f));
  for (const float value : gradient) CHECK(value == float(bf16(value)));

  CHECK_THROWS_WITH(kernels::run(Device::cuda, kernels::Conv2dInputGrad{y.data(), dfilter.data(),
                                                                        x.data(), small}),
                    Catch::Matchers::Contains("this kernel takes bf16 here, not f32"));
}

TEST_CASE("conv2d takes no other plan where memory is short, and recovers") {
  using Catch::Matchers::Contains;
  cuda_on_host::Options& machine = cuda_on_host::options();
  const std::size_t memory_before = machine.device_memory;
  const Arrays arrays{small};
  const std::vector<float> y = arrays.forward();

  // 20 million elements: more work space than there was so far.
  const Conv2dShape large{.n = 1, .h = 5000, .w = 2000, .c = 1, .k = 1, .r = 1, .s = 1};
  const Arrays many{large};
  machine.device_memory = cuda_on_host::allocated_bytes();  // no more
  for (int attempt = 0; attempt < 2; ++attempt) {
    CHECK_THROWS_WITH(many.forward(),
                      Contains("conv2d: images [1, 5000, 2000, 1]") && Contains("out of memory: "));
    CHECK(arrays.forward() == y);  // its own work space was lost in the attempt
  }
  machine.device_memory = memory_before;
  kernels::workspace(warm_up_bytes);  // as it was before
}

TEST_CASE("conv2d does not take a GPU that has failed for one that is short of memory") {
  // More work space than there was so far, and no plan yet.
  const Conv2dShape large{.n = 1, .h = 4000, .w = 3000, .c = 1, .k = 1, .r = 1, .s = 1};
  const Arrays many{large};
  const DeviceArray<std::int32_t> out(Device::cuda, 1);
  try {
    test::cuda_launch::read_beyond(out.data());
    kernels::synchronize(Device::cuda);
  } catch (const kernels::Error&) {
  }
  CHECK_THROWS_WITH(many.forward(), Catch::Matchers::Contains("CUDA: an illegal memory access"));
  CHECK(cuda_on_host::take_reports().size() == 1);
  cuda_on_host::recover();
  kernels::workspace(warm_up_bytes);
}

TEST_CASE("conv2d and matmul name the op, the sizes and what the library says") {
  using Catch::Matchers::Contains;
  const Arrays arrays{small};
  std::vector<float> on_host(std::max(small.x_size(), small.y_size()));
  const auto message = [](const char* op) {
    return Contains(
        fmt::format("{}: images [2, 4, 5, 3], filters [6, 3, 3, 3], stride 1, "
                    "padding 1: cuDNN: CUDNN_STATUS_EXECUTION_FAILED",
                    op));
  };
  float *const x = arrays.x.data(), *const filter = arrays.filter.data(),
               *const y = arrays.y.data();
  CHECK_THROWS_WITH(kernels::run(Device::cuda, kernels::Conv2d{x, filter, on_host.data(), small}),
                    message("conv2d"));
  CHECK_THROWS_WITH(
      kernels::run(Device::cuda, kernels::Conv2dInputGrad{y, filter, on_host.data(), small}),
      message("conv2d, input gradient"));
  CHECK_THROWS_WITH(
      kernels::run(Device::cuda, kernels::Conv2dFilterGrad{x, y, on_host.data(), small}),
      message("conv2d, filter gradient"));
  CHECK_THROWS_WITH(kernels::run(Device::cuda, kernels::MatMul{on_host.data(), arrays.x.data(),
                                                               arrays.y.data(), 3, 4, 5}),
                    Contains("matmul: [3, 5] times [5, 4]: cuBLAS: the GPU program failed"));
  CHECK(cuda_on_host::take_reports().size() == 4);
}
