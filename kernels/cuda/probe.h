// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

namespace kernels {

/// Success if the current GPU can run kernels of this build, which hold code for some architectures
/// only.
cudaError_t probe();

/// Whether the GPU is this machine's processor: docs/cuda_on_host.md.
bool gpu_is_host();

}  // namespace kernels
