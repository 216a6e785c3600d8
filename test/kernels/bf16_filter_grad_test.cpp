// SPDX-License-Identifier: MIT
#include "kernels/cpu/convolution/bf16_filter_grad.h"

#include "kernels/runtime/math_libraries.h"
#include "kernels/runtime/precision.h"
#include "kernels/runtime/run.h"
#include "test/kernels/conv2d_definition.h"
#include "test/support/support.h"
#include "test/support/thread_count.h"

using kernels::bf16;
using kernels::Conv2dShape;
using test::Device;
using test::DeviceArray;

namespace {

Conv2dShape shape(int n, int h, int w, int c, int k) {
  return {.n = n, .h = h, .w = w, .c = c, .k = k, .r = 3, .s = 3, .stride = 1, .pad = 1};
}

bool is_built() { return kernels::bf16_filter_grad::serves(shape(1, 8, 8, 16, 16)); }

struct Inputs {
  explicit Inputs(const Conv2dShape& s)
      : x(test::rounded(test::DType::bf16, test::random_values(s.x_size(), -1, 1, 1))),
        dy(test::rounded(test::DType::bf16, test::random_values(s.y_size(), -1, 1, 2))),
        x_bf16(x.begin(), x.end()),
        dy_bf16(dy.begin(), dy.end()) {}
  std::vector<float> x, dy;
  std::vector<bf16> x_bf16, dy_bf16;
};

std::vector<float> gradient(const Conv2dShape& s, const Inputs& in) {
  const DeviceArray<float> dfilter(Device::cpu, s.filter_size());  // poisoned, between guards
  kernels::bf16_filter_grad::run(s, in.x_bf16.data(), in.dy_bf16.data(), dfilter.data());
  return dfilter.host();
}

}  // namespace

TEST_CASE("the gradient of filters by pairs of pixels matches the definition") {
  if (!is_built()) return;
  const int threads = GENERATE(1, 2, 3, 16);
  // Odd and even widths, one row, one column, few and many gradients, channels that fill no
  // register, strips of several images, of one, of a part of one, and fewer images than threads.
  const Conv2dShape s =
      GENERATE(shape(1, 1, 1, 16, 1), shape(2, 1, 9, 17, 3), shape(3, 9, 1, 16, 8),
               shape(1, 2, 2, 31, 9), shape(23, 8, 8, 48, 12), shape(5, 7, 7, 16, 17),
               shape(2, 33, 32, 20, 24), shape(1, 96, 40, 64, 13), shape(3, 5, 6, 128, 2));
  CAPTURE(threads, s.n, s.h, s.w, s.c, s.k);
  const test::ThreadCount scope(threads);
  const Inputs in(s);
  const std::vector<float> filter(s.filter_size());
  const std::vector<double> want = test::by_definition(s, in.x, filter, in.dy).dfilter;
  const double terms = double(s.n) * s.h * s.w;
  const std::vector<float> found = gradient(s, in);
  test::expect_close(found, want, 0, 6e-8 * terms + 1e-6, "dfilter");
  CHECK(gradient(s, in) == found);
}

TEST_CASE("the gradient of thin filters in bf16 is by pairs of pixels, that of others is not") {
  const kernels::Precision precision = kernels::Precision::bf16;
  if (!is_built() || !kernels::why_unavailable(kernels::Cpu{}, precision).empty()) return;
  const std::string libraries = kernels::math_libraries(kernels::Cpu{}, precision);
  if (libraries.find("AMX") != std::string::npos) return;
  CHECK_THAT(libraries, Catch::Matchers::Contains("our own"));
  const auto is_by_pairs = [](const Conv2dShape& s) {
    const Inputs in(s);
    const DeviceArray<float> dfilter(Device::cpu, s.filter_size());
    kernels::run(kernels::Cpu{}, kernels::Conv2dFilterGrad{{in.x_bf16.data(), test::DType::bf16},
                                                           {in.dy_bf16.data(), test::DType::bf16},
                                                           dfilter.data(),
                                                           s});
    return dfilter.host() == gradient(s, in);
  };
  // So many terms that sums in another order differ.
  CHECK(is_by_pairs(shape(8, 16, 16, 16, 16)));
  CHECK(is_by_pairs(shape(8, 16, 16, 48, 12)));
  CHECK(is_by_pairs(shape(8, 16, 16, 128, 32)));
  CHECK_FALSE(is_by_pairs(shape(8, 16, 16, 64, 64)));  // many channels
  CHECK_FALSE(is_by_pairs(shape(8, 16, 16, 8, 16)));   // half of a register
  Conv2dShape other = shape(8, 16, 16, 16, 16);
  other.stride = 2;
  CHECK_FALSE(kernels::bf16_filter_grad::serves(other));
  other = shape(8, 16, 16, 16, 16);
  other.pad = 0;
  CHECK_FALSE(kernels::bf16_filter_grad::serves(other));
}
