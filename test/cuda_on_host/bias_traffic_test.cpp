// SPDX-License-Identifier: MIT
#include "kernels/bias.h"
#include "test/cuda_on_host/traffic.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;

TEST_CASE("traffic: bias and its gradient") {
  const int rows = GENERATE(1, 33, 130), columns = GENERATE(8, 32, 200);
  const std::size_t size = std::size_t(rows) * columns;
  const DeviceArray<float> y(Device::cuda, test::random_values(size, -1, 1, 1)),
      bias(Device::cuda, test::random_values(columns, -1, 1, 2)), dbias(Device::cuda, columns);
  CAPTURE(rows, columns);
  test::expect_least_traffic(kernels::AddBias{y.data(), bias.data(), rows, columns}, {y.data()},
                             {bias.data()});
  test::expect_least_traffic(kernels::BiasGrad{y.data(), dbias.data(), rows, columns},
                             {y.data(), dbias.data()});
}
