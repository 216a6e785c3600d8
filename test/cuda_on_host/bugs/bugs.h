// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <string>

/// Starts the kernel of that name, over `size` elements. cudaErrorInvalidDeviceFunction: there is
/// none.
cudaError_t launch_case(const std::string& name, float* out, const float* in, int size,
                        cudaStream_t stream);
