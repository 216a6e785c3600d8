// SPDX-License-Identifier: MIT
#include "kernels/cuda/sort.h"

#include <algorithm>

#include "kernels/runtime/error.h"
#include "test/cuda/launch_test.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/support.h"

using kernels::Device;
using test::DeviceArray;

TEST_CASE("sort: one number and many, one after the other in the same memory") {
  for (const std::size_t count : {1, 2, 1000, 1}) {
    std::vector<float> values = test::random_values(count, -1, 1, count);
    const DeviceArray<float> sorted(Device::cuda, values);
    kernels::sort_ascending(sorted.data(), count);
    std::sort(values.begin(), values.end());
    CHECK(sorted.host() == values);
  }
}

TEST_CASE("sort: on a GPU that has failed it is an error of ours") {
  const DeviceArray<std::int32_t> out(Device::cuda, 1);
  const DeviceArray<float> values(Device::cuda, {2, 1});
  try {
    test::cuda_launch::read_beyond(out.data());
    kernels::synchronize(Device::cuda);
  } catch (const kernels::Error&) {
  }
  CHECK_THROWS_WITH(kernels::sort_ascending(values.data(), 2),
                    Catch::Matchers::Contains("sort: an illegal memory access"));
  CHECK(cuda_on_host::take_reports().size() == 1);
  cuda_on_host::recover();
}
