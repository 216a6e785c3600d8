// SPDX-License-Identifier: MIT
#include "kernels/random_fill.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

TEST_CASE("traffic: random fills write each number once") {
  const std::size_t size = GENERATE(4096, 4099);
  const test::DeviceArray<float> y(test::Device::cuda, size);
  test::expect_least_traffic(kernels::RandomUniform{y.data(), size, -1, 1, 1, 0}, {y.data()});
  test::expect_least_traffic(kernels::RandomNormal{y.data(), size, 0, 1, 1, 0}, {y.data()});
}
