// SPDX-License-Identifier: MIT
#include "kernels/runtime/launch_counts.h"

#include <atomic>

namespace kernels {
namespace {

LaunchCounts counts;

}  // namespace

void count_launch(Cuda, std::uint64_t LaunchCounts::*what) {
  std::atomic_ref(counts.*what).fetch_add(1, std::memory_order_relaxed);
}

LaunchCounts launch_counts(Cuda) {
  LaunchCounts now;
  for (const auto what : {&LaunchCounts::kernels, &LaunchCounts::convolutions,
                          &LaunchCounts::products, &LaunchCounts::copies})
    now.*what = std::atomic_ref(counts.*what).load(std::memory_order_relaxed);
  return now;
}

}  // namespace kernels
