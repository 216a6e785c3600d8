// SPDX-License-Identifier: MIT
#include "kernels/pool.h"

#include <cmath>
#include <limits>
#include <set>

#include "engine/ops.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using engine::Tensor;
using kernels::PoolShape;
using test::Device;
using test::DeviceArray;
using test::DType;
using test::ShiftedArray;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;
using Bytes = std::vector<std::uint8_t>;

namespace {

// Calls visit(x, y, place) for every element x of every window y, in the order of places.
template <class Visit>
void for_each_element(const PoolShape& s, Visit visit) {
  for (int n = 0; n < s.n; ++n)
    for (int i = 0; i < s.out_h(); ++i)
      for (int j = 0; j < s.out_w(); ++j)
        for (int c = 0; c < s.c; ++c)
          for (int place = 0; place < s.window_h * s.window_w; ++place) {
            const int row = i * s.stride - s.pad + place / s.window_w,
                      column = j * s.stride - s.pad + place % s.window_w;
            if (row < 0 || row >= s.h || column < 0 || column >= s.w) continue;
            visit(((std::size_t(n) * s.h + row) * s.w + column) * s.c + c,
                  ((std::size_t(n) * s.out_h() + i) * s.out_w() + j) * s.c + c, place);
          }
}

const std::vector<PoolShape> unpadded = {
    {.n = 1, .h = 1, .w = 1, .c = 1, .window_h = 1, .window_w = 1, .stride = 1},
    {.n = 3, .h = 8, .w = 8, .c = 108, .window_h = 2, .window_w = 2, .stride = 2},
    {.n = 2, .h = 9, .w = 7, .c = 31, .window_h = 2, .window_w = 2, .stride = 2},  // edges left out
    {.n = 2, .h = 9, .w = 7, .c = 16, .window_h = 3, .window_w = 3, .stride = 2},  // overlapping
    {.n = 1, .h = 5, .w = 6, .c = 33, .window_h = 3, .window_w = 2, .stride = 1},
    {.n = 2, .h = 11, .w = 11, .c = 5, .window_h = 2, .window_w = 3, .stride = 4},  // gaps between
    {.n = 5, .h = 8, .w = 8, .c = 100, .window_h = 8, .window_w = 8, .stride = 1},  // global
    {.n = 2, .h = 7, .w = 5, .c = 1000, .window_h = 7, .window_w = 5, .stride = 1},
    {.n = 2, .h = 9, .w = 8, .c = 12, .window_h = 4, .window_w = 4, .stride = 1},  // 16 overlap
    {.n = 2, .h = 11, .w = 9, .c = 7, .window_h = 4, .window_w = 5, .stride = 2},
    {.n = 2, .h = 12, .w = 11, .c = 20, .window_h = 5, .window_w = 4, .stride = 3},
    {.n = 2, .h = 13, .w = 10, .c = 36, .window_h = 7, .window_w = 6, .stride = 2},  // large ones
    {.n = 1, .h = 9, .w = 12, .c = 5, .window_h = 6, .window_w = 8, .stride = 1},
};

std::vector<PoolShape> all_shapes() {
  std::vector<PoolShape> all = unpadded;
  all.push_back(
      {.n = 2, .h = 9, .w = 7, .c = 12, .window_h = 3, .window_w = 3, .stride = 2, .pad = 1});
  all.push_back(
      {.n = 1, .h = 4, .w = 4, .c = 31, .window_h = 2, .window_w = 2, .stride = 2, .pad = 1});
  all.push_back(
      {.n = 1, .h = 3, .w = 6, .c = 1, .window_h = 5, .window_w = 5, .stride = 1, .pad = 2});
  all.push_back(
      {.n = 2, .h = 9, .w = 8, .c = 8, .window_h = 4, .window_w = 4, .stride = 1, .pad = 2});
  all.push_back(
      {.n = 2, .h = 10, .w = 7, .c = 5, .window_h = 5, .window_w = 4, .stride = 2, .pad = 2});
  all.push_back(
      {.n = 1, .h = 11, .w = 13, .c = 12, .window_h = 7, .window_w = 7, .stride = 3, .pad = 3});
  return all;
}

struct MaxOutput {
  Floats y;
  Bytes chosen;
  bool operator==(const MaxOutput&) const = default;
};

MaxOutput max_pool(Device device, const PoolShape& s, const Floats& values,
                   DType type = DType::f32) {
  const ShiftedArray x(device, values, 0, type), y(device, s.y_size(), 0, type);
  const DeviceArray<std::uint8_t> chosen(device, s.y_size());
  kernels::run(device, kernels::MaxPool{x.in(), y.out(), chosen.data(), s});
  return {y.host(), chosen.host()};
}

}  // namespace

TEST_CASE("avg_pool and its gradient match the definition") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType x_type = GENERATE_COPY(from_range(test::activation_types(device)));
  const DType y_type = GENERATE_COPY(from_range(std::set{x_type, DType::f32}));
  const PoolShape s = GENERATE(from_range(unpadded));
  CAPTURE(name_of(x_type), name_of(y_type), s.n, s.h, s.w, s.c, s.window_h, s.window_w, s.stride);
  const Floats x = test::rounded(x_type, test::random_values(s.x_size(), -1, 1, 1)),
               dy = test::rounded(y_type, test::random_values(s.y_size(), -1, 1, 2));
  Doubles y(s.y_size()), dx(s.x_size());
  for_each_element(s, [&](std::size_t ix, std::size_t iy, int) {
    y[iy] += double(x[ix]) / (s.window_h * s.window_w);
    dx[ix] += double(dy[iy]) / (s.window_h * s.window_w);
  });

  const ShiftedArray device_x(device, x, 0, x_type), device_dy(device, dy, 0, y_type),
      out_y(device, y.size(), 0, y_type), out_dx(device, dx.size(), 0, x_type);
  kernels::run(device, kernels::AvgPool{device_x.in(), out_y.out(), s});
  kernels::run(device, kernels::AvgPoolGrad{device_dy.in(), out_dx.out(), s});
  test::expect_close(out_y.host(), y, 1e-6 + test::rounding(y_type), 1e-6, "y");
  test::expect_close(out_dx.host(), dx, 1e-6 + test::rounding(x_type), 1e-7, "dx");
  if (x_type == DType::f32)
    CHECK(std::abs(test::dot(out_y.host(), dy) - test::dot(x, out_dx.host())) < 1e-4);
}

TEST_CASE("max_pool takes the first of equals, and its gradient goes there") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const PoolShape s = GENERATE(from_range(all_shapes()));
  CAPTURE(name_of(type), s.n, s.h, s.w, s.c, s.window_h, s.window_w, s.stride, s.pad);
  Floats x;  // -2 to 2, so that most windows have ties
  for (const int v : test::random_labels(s.x_size(), 5, 1)) x.push_back(float(v - 2));
  const Floats dy = test::rounded(type, test::random_values(s.y_size(), -1, 1, 2));
  MaxOutput want{Floats(s.y_size(), -INFINITY), Bytes(s.y_size())};
  std::vector<std::size_t> source(s.y_size());
  for_each_element(s, [&](std::size_t ix, std::size_t iy, int place) {
    if (!(x[ix] > want.y[iy])) return;
    want.y[iy] = x[ix];
    want.chosen[iy] = std::uint8_t(place);
    source[iy] = ix;
  });
  const MaxOutput got = max_pool(device, s, x, type);
  CHECK(got == want);
  CHECK(max_pool(device, s, x, type) == got);

  Doubles dx(s.x_size());
  for (std::size_t i = 0; i < s.y_size(); ++i) dx[source[i]] += dy[i];
  const ShiftedArray device_dy(device, dy, 0, type), out_dx(device, dx.size(), 0, type);
  const DeviceArray<std::uint8_t> chosen(device, got.chosen);
  kernels::run(device, kernels::MaxPoolGrad{device_dy.in(), chosen.data(), out_dx.out(), s});
  test::expect_close(out_dx.host(), dx, 1e-6 + test::rounding(type), 1e-6, "dx");
  if (type == DType::f32)
    CHECK(std::abs(test::dot(got.y, dy) - test::dot(x, out_dx.host())) < 1e-4);
}

TEST_CASE("max_pool knows infinities, and a NaN is the largest of all") {
  const Device device = GENERATE(from_range(test::devices()));
  const DType type = GENERATE_COPY(from_range(test::activation_types(device)));
  const float inf = std::numeric_limits<float>::infinity();
  const PoolShape s{.n = 1, .h = 2, .w = 10, .c = 1, .window_h = 2, .window_w = 2, .stride = 2};
  const Floats x = {-inf, -inf, 1, NAN, NAN, 9, inf, 1,   NAN, inf,  //
                    -inf, -inf, 2, 3,   NAN, 9, inf, inf, 1,   NAN};
  const MaxOutput got = max_pool(device, s, x, type);
  CHECK(got.y[0] == -inf);
  CHECK(got.y[3] == inf);
  for (const int i : {1, 2, 4}) CHECK(std::isnan(got.y[i]));
  CHECK(got.chosen == Bytes{0, 1, 0, 0, 0});
}

TEST_CASE("max_pool of the largest window tells its 256 places apart") {
  const Device device = GENERATE(from_range(test::devices()));
  const PoolShape s{.n = 1, .h = 16, .w = 16, .c = 1, .window_h = 16, .window_w = 16, .stride = 1};
  Floats x(256);
  x[255] = 1;
  CHECK(max_pool(device, s, x) == MaxOutput{{1}, {255}});
}

TEST_CASE("pooling through autograd") {
  const Device device = GENERATE(from_range(test::devices()));
  Tensor x = Tensor::from(test::random_values(2 * 5 * 7 * 3, -1, 1, 1), {2, 5, 7, 3}, device);
  x.require_grad();
  // The mean of any of them is linear where it is evaluated: <dx, x> is the mean itself.
  const auto check = [&](const Tensor& y, const engine::Shape& shape) {
    CHECK(y.shape() == shape);
    x.zero_grad();
    engine::mean(y).backward();
    double mean = 0;
    for (const float v : y.to_host()) mean += v / double(y.size());
    CHECK(std::abs(test::dot(x.grad().to_host(), x.to_host()) - mean) < 1e-6);
  };
  check(engine::avg_pool(x), {2, 2, 3, 3});
  check(engine::max_pool(x), {2, 2, 3, 3});
  check(engine::max_pool(x, {.window = 3, .stride = 2, .pad = 1}), {2, 3, 4, 3});
  check(engine::global_avg_pool(x), {2, 3});

  Doubles averages(2 * 3);
  const Floats values = x.to_host();
  for (std::size_t i = 0; i < values.size(); ++i) {
    averages[i / (5 * 7 * 3) * 3 + i % 3] += values[i] / double(5 * 7);
  }
  test::expect_close(engine::global_avg_pool(x).to_host(), averages, 1e-6, 1e-7, "averages");
}

TEST_CASE("pooling in bf16 stays there, but for the classifier's input") {
  const Device device = GENERATE(from_range(test::devices()));
  if (test::activation_types(device).size() == 1) return;
  Tensor x = Tensor::empty({2, 4, 4, 3}, device, DType::bf16);
  engine::convert(Tensor::from(test::random_values(2 * 4 * 4 * 3, -1, 1, 1), x.shape(), device), x);
  x.require_grad();
  CHECK(engine::max_pool(x).dtype() == DType::bf16);
  const Tensor halved = engine::avg_pool(x), y = engine::global_avg_pool(halved);
  CHECK(halved.dtype() == DType::bf16);
  CHECK(y.dtype() == DType::f32);
  engine::mean(y).backward();
  CHECK(x.grad().dtype() == DType::bf16);
  const Tensor gradient = Tensor::empty(x.shape(), device);
  engine::convert(x.grad(), gradient);
  test::expect_close(gradient.to_host(), Doubles(x.size(), 1.0 / double(x.size())), 0x1p-7, 0);
}

TEST_CASE("pooling names what does not fit") {
  const auto empty = [](engine::Shape shape) { return Tensor::empty(shape, Device::cpu); };
  const Tensor x = empty({2, 8, 8, 3});
  CHECK_THROWS_WITH(engine::avg_pool(empty({2, 12})),
                    "avg_pool: input [2, 12] is not [n, h, w, c] with one element or more");
  CHECK_THROWS_WITH(
      engine::global_avg_pool(empty({0, 8, 8, 3})),
      "global_avg_pool: input [0, 8, 8, 3] is not [n, h, w, c] with one element or more");
  CHECK_THROWS_WITH(engine::avg_pool(x, {.window = 9}),
                    "avg_pool: window 9x9 is larger than input [2, 8, 8, 3] with padding 0");
  CHECK_THROWS_WITH(engine::avg_pool(x, {.pad = 1}),
                    "avg_pool: padding 1 is not supported, only 0");
  CHECK_THROWS_WITH(engine::max_pool(x, {.window = 2, .pad = 2}),
                    "max_pool: padding 2 should be from 0 to half of the window, 2");
  CHECK_THROWS_WITH(engine::max_pool(x, {.stride = 0}),
                    "max_pool: window 2 with stride 0 is impossible");
  CHECK_THROWS_WITH(engine::max_pool(empty({1, 20, 20, 1}), {.window = 17}),
                    "max_pool: window 17x17 has more than 256 elements");
  CHECK_THROWS_WITH(engine::max_pool({}), "max_pool: input is missing");
}
