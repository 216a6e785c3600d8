// SPDX-License-Identifier: MIT
#pragma once
#include <thrust/execution_policy.h>
#include <thrust/system_error.h>

#include <algorithm>
#include <cstddef>

namespace thrust {
namespace {

template <class T>
__global__ void sort_in_one_thread(T* first, std::size_t count, T* temporary) {
  temporary[0] = temporary[count - 1] = T{};
  std::sort(first, first + count);
}

}  // namespace

/// Writes to the temporary memory, so that it must be there, and large enough, when the stream
/// comes to it. A part of that memory does not depend on the count, as for a radix sort.
template <class Memory, class T>
void sort(const cuda::PolicyInStream<Memory>& policy, T* first, T* last) {
  constexpr std::size_t least_bytes = std::size_t{1} << 20;
  const auto count = std::size_t(last - first);
  const std::size_t bytes = std::max(count * sizeof(T), least_bytes);
  char* const temporary = policy.memory.allocate(std::ptrdiff_t(bytes));
  cudaLaunchConfig_t config{};
  config.gridDim = config.blockDim = dim3(1);
  config.stream = policy.stream;
  const cudaError_t status = cudaLaunchKernelEx(&config, sort_in_one_thread<T>, first, count,
                                                reinterpret_cast<T*>(temporary));
  policy.memory.deallocate(temporary, bytes);
  if (status != cudaSuccess) throw system_error(cudaGetErrorString(status));
}

}  // namespace thrust
