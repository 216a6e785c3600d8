// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/cuda/warp.cuh"

namespace kernels {
namespace {

// Unnamed, as kernels are: only then does AddressSanitizer guard the shared arrays of templates.
/// Reductions over a block of whole warps, all threads of which must call. Every thread gets the
/// result. Warps first, then one warp's worth of their results: the order is fixed.
template <class T>
__device__ __forceinline__ T block_sum(T value) {
  __shared__ T of_warp[warp_size];
  value = warp_sum(value);
  if (lane_index() == 0) of_warp[warp_index()] = value;
  __syncthreads();
  const int warps = int(blockDim.x) / warp_size;
  value = warp_sum(lane_index() < warps ? of_warp[lane_index()] : T{0});
  __syncthreads();  // of_warp is free for the next reduction
  return value;
}

__device__ __forceinline__ float block_max(float value) {
  __shared__ float of_warp[warp_size];
  value = warp_max(value);
  if (lane_index() == 0) of_warp[warp_index()] = value;
  __syncthreads();
  const int warps = int(blockDim.x) / warp_size;
  value = warp_max(lane_index() < warps ? of_warp[lane_index()] : -INFINITY);
  __syncthreads();  // of_warp is free for the next reduction
  return value;
}

}  // namespace
}  // namespace kernels
