// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime.h>

namespace kernels {
namespace {

constexpr int warp_size = 32;
constexpr unsigned whole_warp = 0xffffffffu;

__device__ __forceinline__ int lane_index() { return int(threadIdx.x) % warp_size; }
__device__ __forceinline__ int warp_index() { return int(threadIdx.x) / warp_size; }

/// Reductions over the 32 lanes of a warp, all of which must call. Every lane gets the result, and
/// the same one bit for bit: the butterfly pairs the same numbers in every lane.
template <class T>
__device__ __forceinline__ T warp_sum(T value) {
#pragma unroll
  for (int distance = warp_size / 2; distance > 0; distance /= 2)
    value += __shfl_xor_sync(whole_warp, value, distance);
  return value;
}

__device__ __forceinline__ float warp_max(float value) {
#pragma unroll
  for (int distance = warp_size / 2; distance > 0; distance /= 2)
    value = fmaxf(value, __shfl_xor_sync(whole_warp, value, distance));
  return value;
}

/// Not __reduce_min_sync, which GPUs before compute capability 8.0 lack.
__device__ __forceinline__ int warp_min(int value) {
#pragma unroll
  for (int distance = warp_size / 2; distance > 0; distance /= 2)
    value = min(value, __shfl_xor_sync(whole_warp, value, distance));
  return value;
}

}  // namespace
}  // namespace kernels
