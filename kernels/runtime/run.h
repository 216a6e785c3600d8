// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"
#include "kernels/runtime/op_log.h"

namespace kernels {

inline constexpr bool has_cuda = SOFTLABEL_HAS_CUDA;  // 0 or 1, always set by CMake

/// Runs `op` where its data lives. Without CUDA the first branch is a discarded statement, so
/// `run(Cuda, op)` needs no definition and no stub file exists. A header of its own: what does not
/// include it compiles to the same object with CUDA and without, so that builds can share it.
template <class Op>
void run(Device where, const Op& op) {
  OpLog* const log = OpLog::kept();
  if (log != nullptr) log->begin(where);
  if constexpr (has_cuda) {
    where == Device::cuda ? run(Cuda{}, op) : run(Cpu{}, op);
  } else {
    run(Cpu{}, op);
  }
  if (log == nullptr) return;
  double bytes = 0, flops = 0;
  if constexpr (requires { op.bytes(); }) bytes = double(op.bytes());
  if constexpr (requires { op.flops(); }) flops = double(op.flops());
  log->end(where, typeid(Op), bytes, flops);
}

}  // namespace kernels
