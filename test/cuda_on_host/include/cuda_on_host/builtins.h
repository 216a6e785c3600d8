// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>
#include <cstring>

/// What nvcc knows without a header: indices, barriers, warp operations.

// Constants to a thread, though the scheduler changes them when it changes threads. As constants
// they are not reported as memory accesses.
extern const uint3 threadIdx, blockIdx;
extern const dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace cuda_on_host {

/// Where a kernel called a built-in function.
struct Place {
  const char* file;
  int line;

  bool operator==(const Place& other) const {
    return line == other.line && (file == other.file || std::strcmp(file, other.file) == 0);
  }
};

enum class Barrier { plain, count, all, any };
int barrier(Barrier, bool predicate, Place);

enum class WarpOperation {
  shuffle,
  shuffle_up,
  shuffle_down,
  shuffle_xor,
  ballot,
  sum,
  min,
  max,
  sync
};
std::uint64_t warp_operation(WarpOperation, unsigned mask, std::uint64_t value, int argument,
                             int width, Place);

template <class T>
T shuffle(WarpOperation operation, unsigned mask, T value, int argument, int width, Place place) {
  static_assert(sizeof(T) <= 8);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = warp_operation(operation, mask, bits, argument, width, place);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace cuda_on_host

// A default argument is evaluated at the call, so these name the caller's line.
#define CUDA_ON_HOST_PLACE cuda_on_host::Place place_ = {__builtin_FILE(), __builtin_LINE()}

inline void __syncthreads(CUDA_ON_HOST_PLACE) {
  cuda_on_host::barrier(cuda_on_host::Barrier::plain, false, place_);
}
inline int __syncthreads_count(int predicate, CUDA_ON_HOST_PLACE) {
  return cuda_on_host::barrier(cuda_on_host::Barrier::count, predicate != 0, place_);
}
inline int __syncthreads_and(int predicate, CUDA_ON_HOST_PLACE) {
  return cuda_on_host::barrier(cuda_on_host::Barrier::all, predicate != 0, place_);
}
inline int __syncthreads_or(int predicate, CUDA_ON_HOST_PLACE) {
  return cuda_on_host::barrier(cuda_on_host::Barrier::any, predicate != 0, place_);
}
inline void __syncwarp(unsigned mask = 0xffffffffu, CUDA_ON_HOST_PLACE) {
  cuda_on_host::warp_operation(cuda_on_host::WarpOperation::sync, mask, 0, 0, warpSize, place_);
}

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int width = warpSize, CUDA_ON_HOST_PLACE) {
  return shuffle(cuda_on_host::WarpOperation::shuffle, mask, value, lane, width, place_);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize, CUDA_ON_HOST_PLACE) {
  return shuffle(cuda_on_host::WarpOperation::shuffle_up, mask, value, int(delta), width, place_);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize,
                   CUDA_ON_HOST_PLACE) {
  return shuffle(cuda_on_host::WarpOperation::shuffle_down, mask, value, int(delta), width, place_);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = warpSize, CUDA_ON_HOST_PLACE) {
  return shuffle(cuda_on_host::WarpOperation::shuffle_xor, mask, value, lanes, width, place_);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, CUDA_ON_HOST_PLACE) {
  return unsigned(cuda_on_host::warp_operation(cuda_on_host::WarpOperation::ballot, mask,
                                               predicate != 0, 0, warpSize, place_));
}
inline int __any_sync(unsigned mask, int predicate, CUDA_ON_HOST_PLACE) {
  return __ballot_sync(mask, predicate, place_) != 0;
}
inline int __all_sync(unsigned mask, int predicate, CUDA_ON_HOST_PLACE) {
  return __ballot_sync(mask, predicate == 0, place_) == 0;
}
inline unsigned __reduce_add_sync(unsigned mask, unsigned value, CUDA_ON_HOST_PLACE) {
  return unsigned(cuda_on_host::warp_operation(cuda_on_host::WarpOperation::sum, mask, value, 0,
                                               warpSize, place_));
}
inline unsigned __reduce_min_sync(unsigned mask, unsigned value, CUDA_ON_HOST_PLACE) {
  return unsigned(cuda_on_host::warp_operation(cuda_on_host::WarpOperation::min, mask, value, 0,
                                               warpSize, place_));
}
inline unsigned __reduce_max_sync(unsigned mask, unsigned value, CUDA_ON_HOST_PLACE) {
  return unsigned(cuda_on_host::warp_operation(cuda_on_host::WarpOperation::max, mask, value, 0,
                                               warpSize, place_));
}
#undef CUDA_ON_HOST_PLACE

// Accesses are seen one after the other anyway, but the checker wants to hear of fences. Nothing
// may spin on another thread's write.
namespace cuda_on_host {
void note_fence();
}
inline void __threadfence() { cuda_on_host::note_fence(); }
inline void __threadfence_block() {}
