// SPDX-License-Identifier: MIT
#include "kernels/runtime/launch_counts.h"

#include <cuda_profiler_api.h>

#include <atomic>

#include "kernels/cuda/check.h"
#include "kernels/cuda/context.h"

namespace kernels {
namespace {

LaunchCounts counts;

}  // namespace

void count_launch(Cuda, std::uint64_t LaunchCounts::*what) {
  if (context().recording()) return;
  std::atomic_ref(counts.*what).fetch_add(1, std::memory_order_relaxed);
}

LaunchCounts launch_counts(Cuda) {
  LaunchCounts now;
  for (const auto what :
       {&LaunchCounts::kernels, &LaunchCounts::convolutions, &LaunchCounts::products,
        &LaunchCounts::collectives, &LaunchCounts::copies, &LaunchCounts::graphs})
    now.*what = std::atomic_ref(counts.*what).load(std::memory_order_relaxed);
  return now;
}

void record_profile(Cuda, bool on) { check(on ? cudaProfilerStart() : cudaProfilerStop()); }

}  // namespace kernels
