// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>

namespace kernels {

enum class Device : std::uint8_t { cpu, cuda };

/// Tags that pick an implementation at compile time.
struct Cpu {};
struct Cuda {};

inline constexpr bool has_cuda = SOFTLABEL_HAS_CUDA;  // 0 or 1, always set by CMake

/// Runs `op` where its data lives. Without CUDA the first branch is a discarded statement, so
/// `run(Cuda, op)` needs no definition and no stub file exists.
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
