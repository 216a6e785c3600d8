// SPDX-License-Identifier: MIT
#include "kernels/cpu/convolution/winograd.h"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/math_libraries.h"
#include "kernels/runtime/precision.h"
#include "kernels/runtime/run.h"
#include "test/kernels/conv2d_definition.h"
#include "test/support/doubles.h"
#include "test/support/support.h"
#include "test/support/thread_count.h"
#include "test/support/with_math_mode.h"

using kernels::bf16;
using kernels::Conv2dShape;
using test::Device;
using test::DeviceArray;

namespace winograd = kernels::winograd;

namespace {

using Floats = std::vector<float>;

Conv2dShape shape(int n, int h, int w, int c, int k, int pad = 1) {
  return {.n = n, .h = h, .w = w, .c = c, .k = k, .r = 3, .s = 3, .stride = 1, .pad = pad};
}

template <class T, class From>
std::vector<T> as(const std::vector<From>& values) {
  return std::vector<T>(values.begin(), values.end());
}

template <class T>
struct InputsOf {
  explicit InputsOf(const Conv2dShape& s)
      : x(as<T>(test::random_values(s.x_size(), -1, 1, 1))),
        filter(as<T>(test::random_values(s.filter_size(), -1, 1, 2))),
        dy(as<T>(test::random_values(s.y_size(), -1, 1, 3))) {}
  std::vector<T> x, filter, dy;
};
using Inputs = InputsOf<float>;

struct Results {
  Floats y, dx, dfilter;
  bool operator==(const Results&) const = default;
};

/// Into poisoned arrays between guards.
template <class T, class Forward, class InputGrad, class FilterGrad>
Results results(const Conv2dShape& s, const Forward& forward, const InputGrad& input_grad,
                const FilterGrad& filter_grad) {
  const DeviceArray<T> y(Device::cpu, s.y_size()), dx(Device::cpu, s.x_size());
  const DeviceArray<float> dfilter(Device::cpu, s.filter_size());
  forward(y.data());
  input_grad(dx.data());
  filter_grad(dfilter.data());
  return {as<float>(y.host()), as<float>(dx.host()), dfilter.host()};
}

template <class T>
Results by_winograd(const Conv2dShape& s, const InputsOf<T>& in) {
  return results<T>(
      s, [&](T* y) { winograd::forward(s, in.x.data(), in.filter.data(), y); },
      [&](T* dx) { winograd::input_grad(s, in.dy.data(), in.filter.data(), dx); },
      [&](float* dfilter) { winograd::filter_grad(s, in.x.data(), in.dy.data(), dfilter); });
}

template <class T>
Results by_conv2d(const Conv2dShape& s, const InputsOf<T>& in) {
  const auto run = [](const auto& op) { kernels::run(Device::cpu, op); };
  return results<T>(
      s,
      [&](T* y) {
        run(kernels::Conv2d{in.x.data(), in.filter.data(), y, s});
      },
      [&](T* dx) {
        run(kernels::Conv2dInputGrad{in.dy.data(), in.filter.data(), dx, s});
      },
      [&](float* dfilter) {
        run(kernels::Conv2dFilterGrad{in.x.data(), in.dy.data(), dfilter, s});
      });
}

}  // namespace

TEST_CASE("Winograd's convolution and its gradients match the definition") {
  const Conv2dShape s =
      GENERATE(shape(1, 4, 4, 16, 16), shape(3, 5, 7, 16, 32), shape(2, 9, 6, 48, 16),
               shape(2, 1, 1, 16, 16), shape(1, 3, 13, 32, 16, 0), shape(2, 4, 4, 16, 16, 2),
               shape(5, 8, 8, 16, 16, 0));
  CAPTURE(s.n, s.h, s.w, s.c, s.k, s.pad);
  const Inputs in(s);
  const test::Conv2dResults want = test::by_definition(s, in.x, in.filter, in.dy);
  const test::ThreadCount scope(GENERATE(1, 2, 3));
  for (int repeat = 0; repeat < 2; ++repeat) {  // with a work space that is not new
    const Results got = by_winograd(s, in);
    CHECK(test::relative_error(got.y, want.y) < 2e-6);
    CHECK(test::relative_error(got.dx, want.dx) < 2e-6);
    CHECK(test::relative_error(got.dfilter, want.dfilter) < 3e-6);
    // No place is much further off than the others.
    const double terms = 9.0 * std::max(s.c, s.k);
    test::expect_close(got.y, want.y, 0, 2e-5 * std::sqrt(terms), "y");
    test::expect_close(got.dx, want.dx, 0, 2e-5 * std::sqrt(terms), "dx");
    test::expect_close(got.dfilter, want.dfilter, 0, 2e-5 * std::sqrt(double(s.y_size() / s.k)),
                       "dfilter");
  }
}

TEST_CASE("Winograd's convolution of more tiles than one group holds", "[numbers]") {
  // Of the networks' layers, with batches as small as show their rounding.
  const Conv2dShape s =
      GENERATE(shape(33, 16, 16, 32, 32), shape(9, 32, 32, 64, 64), shape(3, 16, 16, 128, 128),
               shape(4, 8, 8, 256, 256), shape(16, 4, 4, 512, 256));
  const Inputs in(s);
  const test::Conv2dResults want = test::by_definition(s, in.x, in.filter, in.dy);
  const Results got = by_winograd(s, in);
  const double of_y = test::relative_error(got.y, want.y),
               of_dx = test::relative_error(got.dx, want.dx),
               of_dfilter = test::relative_error(got.dfilter, want.dfilter);
  const Results plain = by_conv2d(s, in);
  const double plain_y = test::relative_error(plain.y, want.y),
               plain_dx = test::relative_error(plain.dx, want.dx),
               plain_dfilter = test::relative_error(plain.dfilter, want.dfilter);
  CAPTURE(s.h, s.c, of_y, plain_y, of_dx, plain_dx, of_dfilter, plain_dfilter);
  CHECK(std::max({of_y, of_dx, of_dfilter}) < 2e-6);
  CHECK_FALSE((plain == got));
}

TEST_CASE("Winograd's convolution of bf16 is that of the same floats, rounded once") {
  const Conv2dShape s = GENERATE(shape(3, 5, 7, 16, 32), shape(1, 3, 13, 32, 16, 0));
  InputsOf<bf16> in(s);
  in.x[3] = bf16(GENERATE(1.0f, INFINITY, NAN, 3e38f));
  Inputs floats(s);
  floats.x = as<float>(in.x);
  floats.filter = as<float>(in.filter);
  floats.dy = as<float>(in.dy);
  const Results got = by_winograd(s, in), want = by_winograd(s, floats);
  const auto same = [](const Floats& a, const Floats& b) {
    return std::ranges::equal(
        a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
  };
  CHECK(same(got.y, as<float>(as<bf16>(want.y))));
  CHECK(same(got.dx, as<float>(as<bf16>(want.dx))));
  CHECK(same(got.dfilter, want.dfilter));
}

TEST_CASE("Winograd's convolution repeats bit for bit with the same number of threads") {
  const Conv2dShape s = shape(7, 9, 9, 32, 48);
  const Inputs in(s);
  const test::ThreadCount scope(GENERATE(1, 2, 5));
  const Results first = by_winograd(s, in);
  for (int repeat = 0; repeat < 3; ++repeat) CHECK((by_winograd(s, in) == first));
}

TEST_CASE("Winograd's algorithm is for 3x3 filters and stride 1") {
  Conv2dShape s = shape(1, 8, 8, 16, 32);
  CHECK(winograd::serves(s));
  CHECK_FALSE(winograd::serves(shape(1, 8, 8, 3, 32)));
  CHECK_FALSE(winograd::serves(shape(1, 8, 8, 16, 24)));
  CHECK_FALSE(winograd::serves(shape(1, 8, 8, 16, 32, 3)));
  s.stride = 2;
  CHECK_FALSE(winograd::serves(s));
  s.stride = 1;
  s.r = 1;
  CHECK_FALSE(winograd::serves(s));
}

TEST_CASE("conv2d takes Winograd's algorithm only where it is allowed and faster") {
  const auto differs_of = [](const auto& in, const Conv2dShape& s) {
    const Results plain = by_conv2d(s, in);
    const test::WithMathMode mode({.allow_winograd = true});
    const Results got = by_conv2d(s, in);
    return std::vector<bool>{got.y != plain.y, got.dx != plain.dx, got.dfilter != plain.dfilter};
  };
  const auto differs = [&](const Conv2dShape& s) { return differs_of(Inputs(s), s); };
  const auto differs_in_bf16 = [&](const Conv2dShape& s) {
    return differs_of(InputsOf<bf16>(s), s);
  };
  using All = std::vector<bool>;
  CHECK(differs(shape(8, 8, 8, 64, 64)) == All{true, true, true});
  CHECK(differs(shape(8, 8, 8, 32, 64)) == All{true, true, false});
  CHECK(differs(shape(8, 8, 8, 16, 64)) == All{false, false, false});  // few channels
  CHECK(differs(shape(2, 8, 8, 64, 64)) == All{false, false, false});  // few tiles
  CHECK(differs(shape(8, 5, 5, 64, 64)) == All{false, false, false});  // mostly outside
  CHECK(differs(shape(8, 8, 8, 64, 72)) == All{false, false, false});  // no whole registers
  if (!kernels::why_unavailable(kernels::Cpu{}, kernels::Precision::bf16).empty() ||
      kernels::math_libraries(kernels::Cpu{}, kernels::Precision::bf16).find("AMX") !=
          std::string::npos)
    return;
  CHECK(differs_in_bf16(shape(32, 8, 8, 128, 128)) == All{true, true, true});
  CHECK(differs_in_bf16(shape(16, 8, 8, 128, 128)) == All{false, false, true});  // few tiles
  CHECK(differs_in_bf16(shape(32, 8, 8, 64, 64)) == All{false, false, true});    // few channels
}
