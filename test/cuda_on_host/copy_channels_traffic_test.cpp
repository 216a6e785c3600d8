// SPDX-License-Identifier: MIT
#include "kernels/copy_channels.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;
using test::expect_least_traffic;

TEMPLATE_TEST_CASE("traffic: channels of wider rows, to and fro", "", float, kernels::bf16) {
  // Multiples of 16, so that parts of rows are whole sectors.
  const int channels = GENERATE(16, 48, 208, 512), behind = GENERATE(0, 16, 32);
  constexpr int rows = 1000;
  CAPTURE(channels, behind);
  const int all = channels + behind;
  const auto ones = [](int columns) {
    return std::vector<TestType>(std::size_t(rows) * columns, TestType(1.0f));
  };
  const DeviceArray<TestType> narrow(Device::cuda, ones(channels)), wide(Device::cuda, ones(all));
  const auto arrays = {static_cast<const void*>(narrow.data()),
                       static_cast<const void*>(wide.data())};
  constexpr auto type = kernels::dtype_of<TestType>;
  TestType* const last = wide.data() + behind;
  expect_least_traffic(
      kernels::CopyChannels{
          .x = narrow.data(), .y = {last, type, all}, .rows = rows, .channels = channels},
      arrays);
  expect_least_traffic(
      kernels::CopyChannels{
          .x = {last, type, all}, .y = narrow.data(), .rows = rows, .channels = channels},
      arrays);
}
