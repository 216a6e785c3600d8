// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include <bit>
#include <cmath>
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
using test::DType;
using test::expect_close;
using test::ShiftedArray;

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

TEST_CASE("elementwise: add in bf16 rounds the sum once") {
  const Device device = GENERATE(from_range(devices()));
  if (test::activation_types(device).size() == 1) return;
  for (const std::size_t size : sizes) {
    const auto values = [&](std::uint64_t seed) {
      return test::rounded(DType::bf16, test::random_values(size, -1, 1, seed));
    };
    const std::vector<float> a = values(1), b = values(2);
    const ShiftedArray x(device, a, 0, DType::bf16), y(device, b, 0, DType::bf16),
        sum(device, size, 0, DType::bf16);
    std::vector<float> want(size);
    for (std::size_t i = 0; i < size; ++i) want[i] = kernels::bf16(a[i] + b[i]);
    run(device, kernels::Add{x.in(), y.in(), sum.out(), size});
    CHECK(sum.host() == want);
    run(device, kernels::Add{x.in(), y.in(), y.out(), size});  // in place
    CHECK(y.host() == want);
    CHECK_THROWS_WITH(run(device, kernels::Add{a.data(), y.in(), sum.out(), size}),
                      "this kernel takes bf16 here, not f32");
  }
}

TEST_CASE("elementwise: conversion rounds to the nearest, halves to even, and widens exactly") {
  const Device device = GENERATE(from_range(devices()));
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> from = {
      0,
      -0.0f,
      1,
      1 + 0x1p-8f,  // a half: down to the even 1,
      1 + 0x3p-8f,  // and up to the even 1 + 2^-6
      1 + 0x1p-8f + 0x1p-23f,
      -1 - 0x1p-8f - 0x1p-23f,  // a little more than a half
      0x1.fep127f,
      std::numeric_limits<float>::max(),  // the largest; above it infinity
      inf,
      -inf,
      0x1p-133f,
      0x1p-134f,
      0x1.8p-134f,  // the smallest, a half, more
      3.14159274f};
  const std::vector<float> want = {0,           -0.0f,        1,           1,         1 + 0x1p-6f,
                                   1 + 0x1p-7f, -1 - 0x1p-7f, 0x1.fep127f, inf,       inf,
                                   -inf,        0x1p-133f,    0,           0x1p-133f, 3.140625f};
  for (const std::size_t repeats :
       {1, 1000}) {  // in loops that are vectorised, and on more threads
    std::vector<float> many, all;
    for (std::size_t i = 0; i < repeats; ++i) {
      many.insert(many.end(), from.begin(), from.end());
      all.insert(all.end(), want.begin(), want.end());
    }
    const std::size_t size = many.size();
    const DeviceArray<float> x(device, many), back(device, size);
    const ShiftedArray narrow(device, size, 0, DType::bf16);
    run(device, kernels::Convert{x.data(), narrow.out(), size});
    CHECK(narrow.host() == all);
    run(device, kernels::Convert{narrow.in(), back.data(), size});
    CHECK(back.host() == all);
    CHECK(std::signbit(back.host()[1]));
  }
  const std::vector<float> nans = {NAN, std::bit_cast<float>(0x7f800001u),
                                   std::bit_cast<float>(0xffffffffu)};
  const DeviceArray<float> x(device, nans);
  const ShiftedArray narrow(device, nans.size(), 0, DType::bf16);
  run(device, kernels::Convert{x.data(), narrow.out(), nans.size()});
  for (const float value : narrow.host()) CHECK(std::isnan(value));
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
  CHECK_THROWS_WITH(engine::convert(a, label),
                    "convert: y [2, 3] is of i32, should be of f32 or bf16");
  CHECK_THROWS_WITH(engine::convert(a, b), "convert: y is [3, 2], should be [2, 3]");
  CHECK_THROWS_WITH(engine::fill(label, 1), Contains("fill: y") && Contains("i32"));
}
