// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"

namespace kernels {

inline constexpr bool has_cuda = SOFTLABEL_HAS_CUDA;  // 0 or 1, always set by CMake

/// Runs `op` where its data lives. Without CUDA the first branch is a discarded statement, so
/// `run(Cuda, op)` needs no definition and no stub file exists. A header of its own: what does not
/// include it compiles to the same object with CUDA and without, so that builds can share it.
template <class Op>
void run(Device where, const Op& op) {
  if constexpr (has_cuda) {
    if (where == Device::cuda) {
      run(Cuda{}, op);
      return;
    }
  }
  run(Cpu{}, op);
}

}  // namespace kernels
