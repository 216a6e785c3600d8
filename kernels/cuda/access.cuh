// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime.h>

#include <cstdint>

/// The four things that nvcc and the CUDA-on-host build must spell differently. Everything else in
/// a .cu file is the same text for both.
namespace kernels {
namespace {

#if defined(CUDA_ON_HOST)

constexpr bool kernels_run_on_host = true;

// A struct of four floats would be taken apart into four accesses; a vector type is one, as on a
// GPU, and that is what alignment checks and traffic counts of the host build rest on.
typedef float HostFloat4 __attribute__((vector_size(16), may_alias));

inline float4 ld4(const float* at) {
  const HostFloat4 v = *reinterpret_cast<const HostFloat4*>(at);
  return {v[0], v[1], v[2], v[3]};
}

inline void st4(float* at, float4 v) {
  *reinterpret_cast<HostFloat4*>(at) = HostFloat4{v.x, v.y, v.z, v.w};
}

template <class T>
T* dynamic_shared() {
  return static_cast<T*>(cuda_on_host::dynamic_shared());
}

#else

/// Whether the GPU is this machine's processor, in a build for tests.
constexpr bool kernels_run_on_host = false;

/// One 16-byte access to global or shared memory; `at` must be 16-byte aligned.
__device__ __forceinline__ float4 ld4(const float* at) {
  return *reinterpret_cast<const float4*>(at);
}

__device__ __forceinline__ void st4(float* at, float4 v) { *reinterpret_cast<float4*>(at) = v; }

/// The block's dynamic shared memory, of the size given to Grid; 16-byte aligned. Not initialised.
template <class T>
__device__ __forceinline__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[];
  return reinterpret_cast<T*>(dynamic_shared_bytes);
}

#endif

/// Whether ld4 and st4 may begin at all of these addresses. Null is no obstacle.
template <class... T>
bool aligned_for_4(const T*... at) {
  return (std::uintptr_t{0} | ... | reinterpret_cast<std::uintptr_t>(at)) % 16 == 0;
}

}  // namespace
}  // namespace kernels
