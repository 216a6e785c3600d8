// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <source_location>

namespace kernels {

/// Throws Error that names the failed call's place and what CUDA says of it.
[[noreturn]] void fail_call(cudaError_t, const std::source_location& at);

/// Every CUDA call that has no message of its own goes through this. Overloads for the statuses of
/// cuBLAS and cuDNN live beside their handles.
inline void check(cudaError_t status,
                  const std::source_location& at = std::source_location::current()) {
  if (status != cudaSuccess) [[unlikely]]
    fail_call(status, at);
}

}  // namespace kernels
