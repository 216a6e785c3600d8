// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "kernels/runtime/device.h"

namespace kernels {

/// What this process has asked of its GPU so far. Each request costs some microseconds however
/// little it does, so a training step of a small network is as fast as it has few of them.
struct LaunchCounts {
  std::uint64_t kernels = 0;       // of ours
  std::uint64_t convolutions = 0;  // calls of cuDNN, of one or more kernels each
  std::uint64_t products = 0;      // calls of cuBLAS, of one or two kernels each
  std::uint64_t collectives = 0;   // calls of NCCL
  std::uint64_t copies = 0;        // copies and fills by the driver
  std::uint64_t graphs = 0;        // of all of these, recorded before (kernels/runtime/graph.h)

  std::uint64_t all() const {
    return kernels + convolutions + products + collectives + copies + graphs;
  }
};

/// For kernels/cuda, which adds one to a member with each request. While one is only recorded it
/// does not count.
void count_launch(Cuda, std::uint64_t LaunchCounts::*);
LaunchCounts launch_counts(Cuda);

/// All 0 in a build without CUDA.
LaunchCounts launch_counts();

/// Starts, or stops, what a profiler records that waits for it (ncu --profile-from-start off).
/// Throws Error.
void record_profile(Cuda, bool);

}  // namespace kernels
