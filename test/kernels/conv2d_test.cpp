// SPDX-License-Identifier: MIT
#include "kernels/conv2d.h"

#include "engine/ops.h"
#include "kernels/runtime/run.h"
#include "test/kernels/conv2d_definition.h"
#include "test/support/support.h"
#include "test/support/thread_count.h"

using kernels::Conv2dShape;
using test::Device;
using test::DeviceArray;
using test::DType;
using test::ShiftedArray;

namespace {

// A float sum of `terms` products of numbers below 1 makes a rounding error of 6e-8 times the
// partial sum, about sqrt(terms), in each step, and those add up like a random walk.
double tolerance(double terms) { return 6e-8 * terms + 1e-6; }

const std::vector<Conv2dShape> shapes = {
    {.n = 1, .h = 1, .w = 1, .c = 1, .k = 1, .r = 1, .s = 1},
    {.n = 2, .h = 5, .w = 7, .c = 3, .k = 16, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 3, .h = 8, .w = 8, .c = 16, .k = 31, .r = 3, .s = 3, .stride = 2, .pad = 1},
    {.n = 2, .h = 9, .w = 9, .c = 33, .k = 12, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 4, .h = 6, .w = 6, .c = 24, .k = 48, .r = 1, .s = 1},
    {.n = 2, .h = 7, .w = 7, .c = 16, .k = 32, .r = 1, .s = 1, .stride = 2},
    {.n = 1, .h = 4, .w = 4, .c = 100, .k = 36, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 1, .h = 2, .w = 2, .c = 1000, .k = 8, .r = 1, .s = 1},
    {.n = 3, .h = 7, .w = 4, .c = 16, .k = 17, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 1, .h = 37, .w = 64, .c = 48, .k = 12, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 2, .h = 4, .w = 4, .c = 256, .k = 272, .r = 3, .s = 3, .stride = 1, .pad = 1},
    {.n = 2, .h = 11, .w = 6, .c = 1, .k = 5, .r = 5, .s = 3, .stride = 3, .pad = 2},
};

}  // namespace

TEST_CASE("conv2d and its gradients match the definition") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const Conv2dShape s = GENERATE(from_range(shapes));
  CAPTURE(name_of(type), s.n, s.h, s.w, s.c, s.k, s.r, s.s, s.stride, s.pad);
  const auto x = test::rounded(type, test::random_values(s.x_size(), -1, 1, 1));
  const auto filter = test::rounded(type, test::random_values(s.filter_size(), -1, 1, 2));
  const auto dy = test::rounded(type, test::random_values(s.y_size(), -1, 1, 3));
  const auto [y, dx, dfilter] = test::by_definition(s, x, filter, dy);

  const ShiftedArray device_x(device, x, 0, type), device_filter(device, filter, 0, type),
      device_dy(device, dy, 0, type), out_y(device, y.size(), 0, type),
      out_dx(device, dx.size(), 0, type);
  const DeviceArray<float> out_dfilter(device, dfilter.size());
  // Twice, so that a plan taken from the cache is tried as well as a new one.
  for (int repeat = 0; repeat < 2; ++repeat) {
    kernels::run(device, kernels::Conv2d{device_x.in(), device_filter.in(), out_y.out(), s});
    kernels::run(device,
                 kernels::Conv2dInputGrad{device_dy.in(), device_filter.in(), out_dx.out(), s});
    kernels::run(device,
                 kernels::Conv2dFilterGrad{device_x.in(), device_dy.in(), out_dfilter.data(), s});
    const double per_y = double(s.r) * s.s * s.c, per_dx = double(s.r) * s.s * s.k,
                 per_dfilter = double(s.n) * s.out_h() * s.out_w();
    const double rounding = test::rounding(type);
    test::expect_close(out_y.host(), y, rounding, tolerance(per_y), "y");
    test::expect_close(out_dx.host(), dx, rounding, tolerance(per_dx), "dx");
    // Added to what is there; on the cpu it is rounded before.
    const auto there = test::rounded(type, test::random_values(s.x_size(), -1, 1, 6));
    const ShiftedArray sum(device, there, 0, type);
    kernels::run(device,
                 kernels::Conv2dInputGrad{device_dy.in(), device_filter.in(), sum.out(), s, true});
    std::vector<double> want = dx;
    double largest = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
      largest = std::max(largest, std::abs(dx[i]));
      want[i] += there[i];
    }
    test::expect_close(sum.host(), want, rounding, tolerance(per_dx) + rounding * largest, "sum");
    // cuDNN gives it in bf16.
    test::expect_close(out_dfilter.host(), dfilter, device == Device::cuda ? rounding : 0,
                       tolerance(per_dfilter), "dfilter");
  }
}

TEST_CASE("conv2d repeats bit for bit with the same number of threads") {
  // The second one has fewer channels than oneDNN's kernels for AVX2 take at a time.
  const Conv2dShape s =
      GENERATE(Conv2dShape{.n = 5, .h = 9, .w = 9, .c = 16, .k = 24, .r = 3, .s = 3, .pad = 1},
               Conv2dShape{.n = 20, .h = 8, .w = 8, .c = 4, .k = 8, .r = 1, .s = 1, .stride = 2});
  const DType type = GENERATE(from_range(test::activation_types(Device::cpu)));
  const int threads = GENERATE(1, 2);
  CAPTURE(s.c, threads);
  const test::ThreadCount scope(threads);
  const ShiftedArray x(Device::cpu, test::random_values(s.x_size(), -1, 1, 4), 0, type),
      dy(Device::cpu, test::random_values(s.y_size(), -1, 1, 5), 0, type);
  std::vector<float> first;
  for (int repeat = 0; repeat < 20; ++repeat) {
    const DeviceArray<float> dfilter(Device::cpu, s.filter_size());
    kernels::run(Device::cpu, kernels::Conv2dFilterGrad{x.in(), dy.in(), dfilter.data(), s});
    if (repeat == 0) first = dfilter.host();
    CHECK(dfilter.host() == first);
  }
}

TEST_CASE("conv2d through autograd gives the kernels' gradients") {
  const Device device = GENERATE(from_range(test::devices()));
  using engine::Tensor;
  Tensor x = Tensor::from(test::random_values(2 * 4 * 4 * 3, -1, 1, 6), {2, 4, 4, 3}, device);
  Tensor filter = Tensor::from(test::random_values(5 * 3 * 3 * 3, -1, 1, 7), {5, 3, 3, 3}, device);
  x.require_grad();
  filter.require_grad();
  const Tensor y = engine::conv2d(x, filter, {.stride = 1, .pad = 1});
  engine::mean(y).backward();
  // mean is linear, so <dx, x> = <dfilter, filter> = mean(y).
  double mean = 0;
  for (const float v : y.to_host()) mean += v;
  mean /= double(y.size());
  CHECK(test::dot(x.grad().to_host(), x.to_host()) == Approx(mean).margin(1e-6));
  CHECK(test::dot(filter.grad().to_host(), filter.to_host()) == Approx(mean).margin(1e-6));
}

TEST_CASE("conv2d in bf16 gives the gradient of the filter in f32") {
  const Device device = GENERATE(from_range(test::devices()));
  if (test::activation_types(device).size() == 1) return;
  using engine::Tensor;
  const auto bf16 = [&](const Tensor& t) {
    const Tensor copy = Tensor::empty(t.shape(), device, DType::bf16);
    engine::convert(t, copy);
    return copy;
  };
  Tensor exact_filter =
      Tensor::from(test::random_values(5 * 3 * 3 * 3, -1, 1, 7), {5, 3, 3, 3}, device);
  const Tensor images =
      Tensor::from(test::random_values(2 * 4 * 4 * 3, -1, 1, 6), {2, 4, 4, 3}, device);
  Tensor x = bf16(images), filter = bf16(exact_filter);
  x.require_grad();
  CHECK_THROWS_WITH(
      engine::conv2d(x, bf16(exact_filter).require_grad()),
      "conv2d: the gradient of filter [5, 3, 3, 3] is to be of f32: give it a buffer");
  const Tensor gradient = Tensor::empty(filter.shape(), device);
  exact_filter.require_grad(gradient);
  filter.share_grad(exact_filter);
  const Tensor y = engine::conv2d(x, filter, {.stride = 1, .pad = 1});
  CHECK(y.dtype() == DType::bf16);
  engine::mean(engine::global_avg_pool(y)).backward();
  CHECK(x.grad().dtype() == DType::bf16);
  CHECK(exact_filter.grad().raw() == gradient.raw());

  // The same in f32, of the rounded values.
  const auto widened = [&](const Tensor& t) {
    const Tensor copy = Tensor::empty(t.shape(), device);
    engine::convert(t, copy);
    return copy;
  };
  Tensor want_x = widened(x), want_filter = widened(filter);
  want_x.require_grad();
  want_filter.require_grad();
  const Tensor want = engine::conv2d(want_x, want_filter, {.stride = 1, .pad = 1});
  engine::mean(engine::global_avg_pool(want)).backward();
  // Of numbers up to 27; up to 1 / (2 * 5 * 4 * 4) each, of which 45 or 32 are added up.
  test::expect_close(widened(y).to_host(), test::to_double(want.to_host()), 0x1p-8, 1e-5, "y");
  test::expect_close(widened(x.grad()).to_host(), test::to_double(want_x.grad().to_host()), 0x1p-7,
                     1e-3, "dx");
  test::expect_close(gradient.to_host(), test::to_double(want_filter.grad().to_host()), 0x1p-7,
                     1e-3, "dfilter");
}

TEST_CASE("conv2d names the shapes that do not fit") {
  using Catch::Matchers::Contains;
  using engine::Tensor;
  const auto empty = [](engine::Shape shape) { return Tensor::empty(shape, Device::cpu); };
  CHECK_THROWS_WITH(
      engine::conv2d(empty({128, 32, 32, 3}), empty({64, 3, 3, 16})),
      "conv2d: input [128, 32, 32, 3] has 3 channels, filter [64, 3, 3, 16] wants 16");
  CHECK_THROWS_WITH(engine::conv2d(empty({2, 2, 2, 3}), empty({4, 3, 3, 3})), Contains("larger"));
  CHECK_THROWS_WITH(engine::conv2d(empty({2, 12}), empty({4, 3, 3, 3})), Contains("[n, h, w, c]"));
  CHECK_THROWS_WITH(engine::conv2d(empty({0, 4, 4, 3}), empty({4, 3, 3, 3})), Contains("empty"));
  CHECK_THROWS_WITH(engine::conv2d(empty({1, 4, 4, 3}), empty({4, 3, 3, 3}), {.stride = 0}),
                    Contains("stride 0"));
  CHECK_THROWS_WITH(
      engine::conv2d(Tensor::empty({1, 4, 4, 3}, Device::cpu, DType::bf16), empty({4, 3, 3, 3})),
      "conv2d: filter [4, 3, 3, 3] is of f32, should be of bf16");
}
