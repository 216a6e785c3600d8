// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime.h>

/// Stands in for Thrust as far as it is in use: a sort in a stream that does not wait, with
/// temporary memory of the caller. What Thrust itself launches is code for a GPU.
namespace thrust::cuda {

template <class Memory>
struct PolicyInStream {
  Memory& memory;
  cudaStream_t stream;
};

template <class Memory>
struct Policy {
  Memory& memory;

  PolicyInStream<Memory> on(cudaStream_t stream) const { return {memory, stream}; }
};

template <class Memory>
Policy<Memory> par_nosync(Memory& memory) {
  return {memory};
}

}  // namespace thrust::cuda
