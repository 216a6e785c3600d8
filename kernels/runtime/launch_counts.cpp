// SPDX-License-Identifier: MIT
#include "kernels/runtime/launch_counts.h"

#include "kernels/runtime/run.h"

namespace kernels {

LaunchCounts launch_counts() {
  if constexpr (has_cuda) return launch_counts(Cuda{});
  return {};
}

}  // namespace kernels
