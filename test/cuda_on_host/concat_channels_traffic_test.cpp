// SPDX-License-Identifier: MIT
#include "kernels/concat_channels.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;
using test::expect_least_traffic;

TEST_CASE("traffic: concatenation and its gradient") {
  const int a_channels = GENERATE(24, 200, 512), b_channels = GENERATE(8, 16);
  constexpr int rows = 1000;
  CAPTURE(a_channels, b_channels);
  const auto floats = [](int channels) {
    return test::random_values(std::size_t(rows) * channels, -1, 1, 1);
  };
  const DeviceArray<float> a(Device::cuda, floats(a_channels)), b(Device::cuda, floats(b_channels)),
      y(Device::cuda, floats(a_channels + b_channels));
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
