// SPDX-License-Identifier: MIT
#include "kernels/random_fill.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/ops.h"
#include "kernels/runtime/philox.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::Tensor;
using kernels::RandomNormal;
using kernels::RandomUniform;
using test::Device;
using test::DeviceArray;
using test::devices;
using test::expect_close;

namespace {

double unit(std::uint64_t seed, std::uint32_t stream, std::size_t group, int word) {
  return kernels::to_unit(
      kernels::random_words(seed, kernels::Purpose::weights, stream, group)[word]);
}

std::vector<float> normal(Device device, std::size_t size, std::uint64_t seed,
                          std::uint32_t stream) {
  const DeviceArray<float> y(device, size);
  run(device, RandomNormal{y.data(), size, 0, 1, seed, stream});
  return y.host();
}

}  // namespace

TEST_CASE("random_fill follows its formula at every size") {
  const Device device = GENERATE(from_range(devices()));
  const std::uint64_t seed = 0x123456789abcdef0;
  for (const std::size_t size : {1, 2, 3, 4, 5, 31, 33, 1000, 40001}) {
    std::vector<double> uniform(size), gauss(size);
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t group = i / 4;
      const int j = int(i % 4), pair = j / 2 * 2;
      uniform[i] = -0.25 + 0.75 * unit(seed, 7, group, j);
      const double radius = std::sqrt(-2 * std::log(unit(seed, 7, group, pair)));
      const double angle = 2 * std::numbers::pi * unit(seed, 7, group, pair + 1);
      gauss[i] = 3 + 0.5 * radius * (j % 2 == 0 ? std::cos(angle) : std::sin(angle));
    }
    const DeviceArray<float> y(device, size);
    run(device, RandomUniform{y.data(), size, -0.25f, 0.5f, seed, 7});
    expect_close(y.host(), uniform, 6e-8, 1e-9, "uniform");
    run(device, RandomNormal{y.data(), size, 3, 0.5f, seed, 7});
    expect_close(y.host(), gauss, 6e-8, 1e-9, "normal");
  }
}

TEST_CASE("random_fill: the moments and the tails are those of the distribution") {
  const Device device = GENERATE(from_range(devices()));
  constexpr std::size_t size = 200000;
  const std::vector<float> x = normal(device, size, 5, 0);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, product = 0;
  int beyond_2 = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double v = x[i];
    m1 += v / size, m2 += v * v / size, m3 += v * v * v / size, m4 += v * v * v * v / size;
    product += v * x[(i + 1) % size] / size;
    beyond_2 += std::abs(v) > 2;
  }
  // Four standard errors each.
  const double standard_error = 1 / std::sqrt(double(size));
  CHECK(std::abs(m1) < 4 * standard_error);
  CHECK(std::abs(m2 - 1) < 4 * std::sqrt(2.0) * standard_error);
  CHECK(std::abs(m3) < 4 * std::sqrt(15.0) * standard_error);
  CHECK(std::abs(m4 - 3) < 4 * std::sqrt(96.0) * standard_error);
  CHECK(std::abs(product) < 4 * standard_error);
  CHECK(std::abs(double(beyond_2) / size - 0.0455003) < 4 * 0.2084 * standard_error);
}

TEST_CASE("random_fill: seed and stream each give other numbers, threads do not") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  kernels::set_threads(1);
  const std::vector<float> x = normal(device, 40000, 5, 0);
  CHECK(x != normal(device, 40000, 6, 0));
  CHECK(x != normal(device, 40000, 5, 1));
  CHECK(x != normal(device, 40000, 5 + (std::uint64_t{1} << 32), 0));
  kernels::set_threads(2);
  CHECK(x == normal(device, 40000, 5, 0));
  kernels::set_threads(before);
}

TEST_CASE("random_fill: what is no distribution is refused") {
  const Device device = GENERATE(from_range(devices()));
  const Tensor y = Tensor::zeros({3}, device);
  CHECK_THROWS_WITH(engine::random_uniform(y, 1, 0, 0, 0), Contains("random_uniform: 1 to 0"));
  CHECK_THROWS_WITH(engine::random_normal(y, 0, -1, 0, 0), Contains("random_normal"));
  CHECK_THROWS_WITH(engine::random_normal(y, std::numeric_limits<float>::quiet_NaN(), 1, 0, 0),
                    Contains("random_normal"));
  CHECK_THROWS_WITH(engine::random_normal({}, 0, 1, 0, 0), "random_normal: y is missing");
  CHECK_THROWS_WITH(
      engine::random_uniform(Tensor::zeros({3}, device, engine::DType::i32), 0, 1, 0, 0),
      Contains("i32"));
}
