// SPDX-License-Identifier: MIT
#include "kernels/pool.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;
using test::expect_least_traffic;

TEMPLATE_TEST_CASE("traffic: pooling without overlap", "", float, kernels::bf16) {
  const int window = GENERATE(2, 8), channels = GENERATE(16, 200, 520);
  const kernels::PoolShape s{.n = 3,
                             .h = 8,
                             .w = 8,
                             .c = channels,
                             .window_h = window,
                             .window_w = window,
                             .stride = window};
  CAPTURE(window, channels);
  const DeviceArray<TestType> x(Device::cuda, std::vector<TestType>(s.x_size(), TestType(1.0f))),
      y(Device::cuda, s.y_size()), dx(Device::cuda, s.x_size());
  const DeviceArray<float> features(Device::cuda, s.y_size());
  const DeviceArray<std::uint8_t> chosen(Device::cuda, s.y_size());
  expect_least_traffic(kernels::AvgPool{x.data(), y.data(), s}, {x.data(), y.data()});
  expect_least_traffic(kernels::AvgPoolGrad{y.data(), dx.data(), s}, {dx.data()}, {y.data()});
  expect_least_traffic(kernels::AvgPool{x.data(), features.data(), s}, {x.data(), features.data()});
  expect_least_traffic(kernels::AvgPoolGrad{features.data(), dx.data(), s}, {dx.data()},
                       {features.data()});
  expect_least_traffic(kernels::MaxPool{x.data(), y.data(), chosen.data(), s},
                       {x.data(), y.data(), chosen.data()});
  expect_least_traffic(kernels::MaxPoolGrad{y.data(), chosen.data(), dx.data(), s}, {dx.data()},
                       {y.data(), chosen.data()});
}
