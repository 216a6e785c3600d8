// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <initializer_list>

#include "kernels/runtime/memory.h"
#include "kernels/runtime/run.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/catch.h"

namespace test {

/// Runs the op on cuda and checks that it moves what its bytes() says and no more: each byte of the
/// `arrays` is read at most once and written at most once; with the distinct bytes of the `small`
/// ones, which caches serve and every warp may read, they add up to bytes(); and the lanes of a
/// warp are packed so that at most a tenth more sectors move than must. In builds that do not see
/// accesses it only runs the op.
template <class Op>
void expect_least_traffic(const Op& op, std::initializer_list<const void*> arrays,
                          std::initializer_list<const void*> small = {}) {
  if constexpr (!cuda_on_host::checked) {
    run(kernels::Device::cuda, op);
  } else {
    const cuda_on_host::Recording recording;
    run(kernels::Device::cuda, op);
    kernels::synchronize(kernels::Device::cuda);
    std::size_t bytes = 0;
    for (const void* array : arrays) {
      const auto traffic = recording.of(array);
      bytes += traffic.distinct_bytes_read + traffic.distinct_bytes_written;
      CHECK(traffic.max_reads <= 1);
      CHECK(traffic.max_writes <= 1);
    }
    for (const void* array : small) {
      const auto traffic = recording.of(array);
      bytes += traffic.distinct_bytes_read + traffic.distinct_bytes_written;
    }
    CHECK(bytes == op.bytes());
    const auto loads = recording.loads(), stores = recording.stores();
    CHECK(double(loads.sectors) <= 1.1 * double(loads.least_sectors));
    CHECK(double(stores.sectors) <= 1.1 * double(stores.least_sectors));
  }
}

}  // namespace test
