// SPDX-License-Identifier: MIT
#include "kernels/bias.h"

#include "kernels/runtime/run.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;
using test::devices;
using test::expect_close;

TEST_CASE("bias and its gradient at every size") {
  const Device device = GENERATE(from_range(devices()));
  for (const int rows : {1, 31, 33, 128}) {
    for (const int columns : {1, 10, 31, 33, 64, 100, 1000}) {
      const std::size_t size = std::size_t(rows) * columns;
      const std::vector<float> y = test::random_values(size, -1, 1, 1),
                               bias = test::random_values(columns, -1, 1, 2);
      std::vector<double> sum(size), dbias(columns);
      for (std::size_t i = 0; i < size; ++i) {
        sum[i] = double(y[i]) + bias[i % columns];
        dbias[i % columns] += y[i];
      }
      const DeviceArray<float> device_y(device, y), device_bias(device, bias),
          device_dbias(device, columns);
      run(device, kernels::BiasGrad{device_y.data(), device_dbias.data(), rows, columns});
      // Summed in float, rounding errors would be up to 6e-8 of each partial sum.
      expect_close(device_dbias.host(), dbias, 1e-7, 6e-8 * rows, "dbias");
      run(device, kernels::AddBias{device_y.data(), device_bias.data(), rows, columns});
      expect_close(device_y.host(), sum, 6e-8, 0, "y");
    }
  }
}

TEST_CASE("bias: the gradient repeats bit for bit with any number of threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  const DeviceArray<float> dy(device, test::random_values(128 * 1000, -1, 1, 1)),
      dbias(device, 1000);
  std::vector<float> first;
  for (const int count : {1, 1, 2, 2}) {
    kernels::set_threads(count);
    run(device, kernels::BiasGrad{dy.data(), dbias.data(), 128, 1000});
    if (first.empty()) first = dbias.host();
    CHECK(dbias.host() == first);
  }
  kernels::set_threads(before);
}
