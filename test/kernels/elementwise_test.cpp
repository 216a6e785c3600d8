// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include <limits>
#include <numeric>

#include "engine/ops.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::Tensor;
using test::Device;
using test::DeviceArray;
using test::devices;
using test::expect_close;

namespace {

const std::vector<std::size_t> sizes = {1, 31, 32, 33, 100, 1000, 100003};

}  // namespace

TEST_CASE("elementwise: add, scale and fill at every size") {
  const Device device = GENERATE(from_range(devices()));
  for (const std::size_t size : sizes) {
    const std::vector<float> a = test::random_values(size, -1, 1, 1),
                             b = test::random_values(size, -1, 1, 2);
    const DeviceArray<float> device_a(device, a), device_b(device, b), y(device, size);
    const DeviceArray<float> factor(device, std::vector<float>{-2.5f});
    std::vector<double> sum(size), scaled(size);
    for (std::size_t i = 0; i < size; ++i) {
      sum[i] = double(a[i]) + b[i];
      scaled[i] = -2.5 * a[i];
    }
    run(device, kernels::Add{device_a.data(), device_b.data(), y.data(), size});
    expect_close(y.host(), sum, 6e-8, 0, "add");
    run(device, kernels::Scale{device_a.data(), factor.data(), y.data(), size});
    expect_close(y.host(), scaled, 6e-8, 0, "scale");
    run(device, kernels::Fill{y.data(), size, 0.1f});
    CHECK(y.host() == std::vector<float>(size, 0.1f));
    // In place.
    run(device, kernels::Scale{device_a.data(), factor.data(), device_a.data(), size});
    expect_close(device_a.host(), scaled, 6e-8, 0, "scale in place");
    run(device, kernels::Fill{device_a.data(), size, 0});
    run(device, kernels::Add{device_a.data(), device_b.data(), device_b.data(), size});
    CHECK(device_b.host() == b);
  }
}

TEST_CASE("elementwise: the mean is that of a sum in double, with any number of threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  for (const std::size_t size : sizes) {
    std::vector<float> x = test::random_values(size, -1, 1, 3);
    x[size / 2] = 1e7f;  // a float sum loses much beside it
    double want = 0;
    for (const float value : x) want += value;
    const DeviceArray<float> device_x(device, x), y(device, 1);
    std::vector<float> first;
    for (const int count : {1, 2, 2}) {
      kernels::set_threads(count);
      run(device, kernels::Mean{device_x.data(), y.data(), size});
      expect_close(y.host(), {want / double(size)}, 1e-7, 0);
      if (first.empty()) first = y.host();
      CHECK(y.host() == first);
    }
  }
  kernels::set_threads(before);
}

TEST_CASE("elementwise: gradients") {
  const Device device = GENERATE(from_range(devices()));
  const std::vector<float> a = test::random_values(33, -1, 1, 1);
  Tensor x = Tensor::from(a, {3, 11}, device);
  x.require_grad();
  const Tensor factor = Tensor::from(std::vector<float>{5}, {1}, device);
  // mean(5 x + x): 6 / 33 everywhere.
  engine::mean(engine::add(engine::scale(x, factor), x)).backward();
  expect_close(x.grad().to_host(), std::vector<double>(33, 6.0 / 33), 2e-7, 0);
  CHECK(x.grad().shape() == x.shape());
}

TEST_CASE("elementwise: what does not fit is refused") {
  const Device device = GENERATE(from_range(devices()));
  const Tensor a = Tensor::zeros({2, 3}, device), b = Tensor::zeros({3, 2}, device);
  const Tensor label = Tensor::zeros({2, 3}, device, engine::DType::i32);
  CHECK_THROWS_WITH(engine::add(a, b), "add: b is [3, 2], should be [2, 3]");
  CHECK_THROWS_WITH(engine::add(a, {}), "add: b is missing");
  CHECK_THROWS_WITH(engine::add({}, a), "add: a is missing");
  CHECK_THROWS_WITH(engine::add(a, label), Contains("add: b") && Contains("i32"));
  CHECK_THROWS_WITH(engine::scale(a, b), Contains("scale: factor is [3, 2]"));
  CHECK_THROWS_WITH(engine::mean(Tensor::zeros({0, 2}, device)), Contains("mean: x [0, 2]"));
  CHECK_THROWS_WITH(engine::fill(label, 1), Contains("fill: y") && Contains("i32"));
}
