// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <string>

/// Kernels for runtime_test.cpp, by name; see runtime_test.cu for what each writes to its ints.
namespace cuda_on_host_test {

cudaError_t launch(const std::string& kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
                   cudaStream_t stream, int* out, const int* in);

}  // namespace cuda_on_host_test
