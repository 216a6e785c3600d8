// SPDX-License-Identifier: MIT
#include "kernels/concat_channels.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;
using test::expect_least_traffic;

TEMPLATE_TEST_CASE("traffic: concatenation and its gradient", "", float, kernels::bf16) {
  // Multiples of 16, so that parts of rows are whole sectors.
  const int a_channels = GENERATE(48, 208, 512), b_channels = GENERATE(16, 32);
  constexpr int rows = 1000;
  CAPTURE(a_channels, b_channels);
  const auto ones = [](int channels) {
    return std::vector<TestType>(std::size_t(rows) * channels, TestType(1.0f));
  };
  const DeviceArray<TestType> a(Device::cuda, ones(a_channels)), b(Device::cuda, ones(b_channels)),
      y(Device::cuda, ones(a_channels + b_channels));
  const auto arrays = {static_cast<const void*>(a.data()), static_cast<const void*>(b.data()),
                       static_cast<const void*>(y.data())};
  expect_least_traffic(
      kernels::ConcatChannels{a.data(), b.data(), y.data(), rows, a_channels, b_channels}, arrays);
  for (const auto& [da, db] :
       {std::pair{a.data(), b.data()}, {a.data(), nullptr}, {nullptr, b.data()}}) {
    expect_least_traffic(kernels::SplitChannels{.dy = y.data(),
                                                .da = da,
                                                .db = db,
                                                .rows = rows,
                                                .a_channels = a_channels,
                                                .b_channels = b_channels},
                         arrays);
  }
}
