// SPDX-License-Identifier: MIT
#include "kernels/count_correct.h"

#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;

TEST_CASE("traffic: count_correct reads each logit once") {
  const int classes = GENERATE(8, 32, 200, 1000);
  constexpr int rows = 70;
  CAPTURE(classes);
  std::vector<float> z = test::random_values(std::size_t(rows) * classes, -1, 1, 1);
  z[0] = 2;
  std::vector<std::int32_t> y = test::random_labels(rows, classes, 1);
  y[0] = 0;  // one at least is correct
  const DeviceArray<float> logits(Device::cuda, z);
  const DeviceArray<std::int32_t> label(Device::cuda, y),
      correct(Device::cuda, std::vector<std::int32_t>{0});
  test::expect_least_traffic(
      kernels::CountCorrect{logits.data(), label.data(), correct.data(), rows, classes},
      {logits.data(), label.data()}, {correct.data()});
}
