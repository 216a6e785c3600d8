// SPDX-License-Identifier: MIT
#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/block.cuh"
#include "test/cuda_on_host/bugs/bugs.h"

// Kernels with one mistake each, and at the end some without. All are started as
// (float* out, const float* in, int size), with one thread for each of `size` elements unless their
// launch below says otherwise.
namespace {

using kernels::dynamic_shared;
using kernels::ld4;
using kernels::st4;
using kernels::whole_warp;

__device__ int global_index() { return int(blockIdx.x * blockDim.x + threadIdx.x); }

__global__ void reads_beyond_end(float* out, const float* in, int size) {
  const int i = global_index();
  if (i < size) out[i] = in[i] + in[i + 1];
}

__global__ void writes_beyond_end(float* out, const float*, int size) {
  const int i = global_index();
  if (i <= size) out[i] = 1;
}

__global__ void writes_before_begin(float* out, const float*, int) { out[global_index() - 1] = 1; }

__global__ void overruns_shared_array(float* out, const float* in, int) {
  __shared__ float row[32];
  row[threadIdx.x + 1] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x > 0 ? threadIdx.x : 1];
}

__global__ void overruns_dynamic_shared(float* out, const float* in, int) {
  float* row = dynamic_shared<float>();
  row[threadIdx.x + 1] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x > 0 ? threadIdx.x : 1];
}

__global__ void lacks_barrier(float* out, const float* in, int) {
  __shared__ float row[256];
  row[threadIdx.x] = in[threadIdx.x];
  out[threadIdx.x] = row[blockDim.x - 1 - threadIdx.x];
}

__global__ void lacks_barrier_before_reuse(float* out, const float* in, int) {
  __shared__ float row[256];
  float sum = 0;
  for (int i = 1; i <= 2; ++i) {
    row[threadIdx.x] = in[threadIdx.x] * float(i);
    __syncthreads();
    sum += row[(threadIdx.x + 33) % blockDim.x];
  }
  out[threadIdx.x] = sum;
}

__global__ void barrier_in_branch(float* out, const float* in, int) {
  __shared__ float row[256];
  row[threadIdx.x] = in[threadIdx.x];
  if (threadIdx.x < 100) __syncthreads();
  out[threadIdx.x] = row[threadIdx.x];
}

__global__ void returns_before_barrier(float* out, const float* in, int) {
  __shared__ float row[256];
  if (threadIdx.x >= 100) return;
  row[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = row[(threadIdx.x + 1) % 100];
}

__global__ void barrier_in_both_branches(float* out, const float*, int) {
  if (threadIdx.x % 2 == 1) {
    __syncthreads();
    out[threadIdx.x] = 1;
  } else {
    __syncthreads();
    out[threadIdx.x] = 2;
  }
}

__global__ void shuffle_in_branch(float* out, const float* in, int) {
  float v = in[threadIdx.x];
  if (threadIdx.x % 32 < 16) v += __shfl_xor_sync(whole_warp, v, 1);
  out[threadIdx.x] = v;
}

__global__ void shuffles_from_outside_mask(float* out, const float* in, int) {
  float v = in[threadIdx.x];
  if (threadIdx.x % 32 < 16) v += __shfl_xor_sync(0xffffu, v, 16);
  out[threadIdx.x] = v;
}

__global__ void shuffles_without_own_lane(float* out, const float* in, int) {
  float v = in[threadIdx.x];
  v += __shfl_down_sync(0xffffu, v, 1);
  out[threadIdx.x] = v;
}

__global__ void shuffles_in_partial_warp(float* out, const float* in, int) {
  if (threadIdx.x >= 40) return;
  float v = in[threadIdx.x];
  v += __shfl_xor_sync(whole_warp, v, 16);
  out[threadIdx.x] = v;
}

__global__ void reads_unset_shared(float* out, const float* in, int) {
  __shared__ float row[256];
  if (threadIdx.x % 2 == 1) row[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = row[threadIdx.x ^ 2] > 0.0f ? 1.0f : 0.0f;
}

__global__ void reads_unset_global(float* out, const float* in, int) {
  if (out[threadIdx.x] > 0.0f) out[threadIdx.x] = in[threadIdx.x];
}

__global__ void adds_without_atomic(float* out, const float* in, int) {
  if (threadIdx.x == 0) out[0] += in[blockIdx.x];
}

__global__ void blocks_write_one_word(float* out, const float*, int) {
  if (threadIdx.x == 0) out[0] = float(blockIdx.x);
}

__global__ void reads_other_block(float* out, const float* in, int) {
  const int i = global_index();
  out[i] = blockIdx.x == 0 ? in[i] : out[i - 64];
}

__global__ void mixes_atomic_and_plain(float* out, const float* in, int) {
  atomicAdd(&out[0], in[threadIdx.x]);
  out[1 + threadIdx.x] = out[0];
}

__global__ void lacks_syncwarp(float* out, const float* in, int) {
  __shared__ float row[32];
  row[threadIdx.x] = in[threadIdx.x];
  for (unsigned k = 16; k > 0; k /= 2)
    if (threadIdx.x < k) row[threadIdx.x] += row[threadIdx.x + k];
  if (threadIdx.x == 0) out[0] = row[0];
}

// The last block to come adds up what all have left.
template <bool fences>
__device__ void add_up_in_last_block(float* out, const float* in) {
  __shared__ bool is_last;
  float* const sum = out + 100;
  auto* const ticket = reinterpret_cast<unsigned*>(out + 101);
  if (threadIdx.x == 0) out[blockIdx.x] = in[blockIdx.x];
  if (fences) __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) is_last = atomicInc(ticket, gridDim.x - 1) == gridDim.x - 1;
  __syncthreads();
  if (!is_last) return;
  if (fences) __threadfence();
  if (threadIdx.x > 0) return;
  *sum = 0;
  for (unsigned i = 0; i < gridDim.x; ++i) *sum += out[i];
}

__global__ void lacks_fence(float* out, const float* in, int) {
  add_up_in_last_block<false>(out, in);
}

__global__ void bytes_race(float* out, const float*, int) {
  auto* bytes = reinterpret_cast<unsigned char*>(out);
  bytes[threadIdx.x / 2] = static_cast<unsigned char>(threadIdx.x);
}

__global__ void loads_misaligned(float* out, const float* in, int) {
  st4(out + 4 * threadIdx.x, ld4(in + 1 + 4 * threadIdx.x));
}

__global__ void follows_null(float* out, const float*, int) {
  const float* nowhere = nullptr;
  out[0] = nowhere[threadIdx.x];
}

__device__ int depth(int n, const volatile char* above) {
  volatile char frame[1024];
  frame[0] = char(n + above[0]);
  return n == 0 ? frame[0] : depth(n - 1, frame) + frame[0];
}

__global__ void overflows_stack(float* out, const float*, int) { out[0] = float(depth(1000, "")); }

__constant__ float scale = 2;
__global__ void writes_constant(float* out, const float*, int) {
  const_cast<volatile float&>(scale) = 3;
  out[0] = 1;
}

// For an allocation that is smaller than one warp.
__global__ void writes_to_neighbour(float* out, const float*, int) { out[2] = 1; }

// From here on they are correct.

__global__ void copies(float* out, const float* in, int size) {
  const int i = global_index();
  if (i < size) out[i] = in[i];
}

__global__ void copies_four_at_a_time(float* out, const float* in, int size) {
  const int i = 4 * global_index();
  if (i < size) st4(out + i, ld4(in + i));
}

__global__ void copies_bytes(float* out, const float* in, int size) {
  const int i = global_index();
  const auto* from = reinterpret_cast<const unsigned char*>(in);
  auto* to = reinterpret_cast<unsigned char*>(out);
  for (int j = i; j < 4 * size; j += int(gridDim.x * blockDim.x)) to[j] = from[j];
}

__global__ void reverses_through_shared(float* out, const float* in, int) {
  __shared__ float row[256];
  float* other_row = dynamic_shared<float>();
  for (int i = 0; i < 2; ++i) {
    row[threadIdx.x] = in[threadIdx.x];
    __syncthreads();
    other_row[threadIdx.x] = row[blockDim.x - 1 - threadIdx.x];
    __syncthreads();
  }
  if (blockIdx.x == 0) out[threadIdx.x] = other_row[threadIdx.x];
}

__global__ void sums_block(float* out, const float* in, int) {
  const float sum = kernels::block_sum(in[threadIdx.x]);
  const float largest = kernels::block_max(in[threadIdx.x]);
  out[threadIdx.x] = scale * sum + largest;
}

__global__ void sums_warp_in_shared(float* out, const float* in, int) {
  __shared__ float row[32];
  row[threadIdx.x] = in[threadIdx.x];
  __syncwarp();
  for (unsigned k = 16; k > 0; k /= 2) {
    if (threadIdx.x < k) row[threadIdx.x] += row[threadIdx.x + k];
    __syncwarp();
  }
  if (threadIdx.x == 0) out[0] = row[0];
}

__global__ void sums_in_last_block(float* out, const float* in, int) {
  add_up_in_last_block<true>(out, in);
}

__global__ void counts_with_atomics(float* out, const float* in, int size) {
  __shared__ int count;
  if (threadIdx.x == 0) count = 0;
  __syncthreads();
  const int i = global_index();
  if (i < size && in[i] > 1) atomicAdd(&count, 1);
  __syncthreads();
  if (threadIdx.x == 0) atomicAdd(out, float(count));
}

__global__ void whole_warps_leave(float* out, const float* in, int size) {
  const int row = global_index() / 32, lane = int(threadIdx.x) % 32;
  if (row >= 3) return;
  const float sum = kernels::warp_sum(in[(32 * row + lane) % size]);
  const unsigned odd = __ballot_sync(whole_warp, lane % 2);
  const int none = __any_sync(whole_warp, lane > 40);
  if (lane == 0) out[row] = sum + float(__popc(odd)) + float(none);
  if (__all_sync(whole_warp, lane >= 0) != 0) __syncwarp();
}

using Kernel = void (*)(float*, const float*, int);

struct Case {
  const char* name;
  Kernel kernel;
  unsigned blocks, threads;
  std::size_t shared_bytes = 0;
};

constexpr Case cases[] = {
    {"reads_beyond_end", reads_beyond_end, 4, 64},
    {"writes_beyond_end", writes_beyond_end, 5, 64},
    {"writes_before_begin", writes_before_begin, 4, 64},
    {"overruns_shared_array", overruns_shared_array, 1, 32},
    {"overruns_dynamic_shared", overruns_dynamic_shared, 1, 64, 256},
    {"lacks_barrier", lacks_barrier, 1, 256},
    {"lacks_barrier_before_reuse", lacks_barrier_before_reuse, 1, 256},
    {"barrier_in_branch", barrier_in_branch, 1, 256},
    {"returns_before_barrier", returns_before_barrier, 1, 256},
    {"barrier_in_both_branches", barrier_in_both_branches, 1, 256},
    {"shuffle_in_branch", shuffle_in_branch, 1, 32},
    {"shuffles_from_outside_mask", shuffles_from_outside_mask, 1, 32},
    {"shuffles_without_own_lane", shuffles_without_own_lane, 1, 32},
    {"shuffles_in_partial_warp", shuffles_in_partial_warp, 1, 64},
    {"reads_unset_shared", reads_unset_shared, 1, 256},
    {"reads_unset_global", reads_unset_global, 1, 256},
    {"adds_without_atomic", adds_without_atomic, 8, 32},
    {"blocks_write_one_word", blocks_write_one_word, 8, 32},
    {"reads_other_block", reads_other_block, 4, 64},
    {"mixes_atomic_and_plain", mixes_atomic_and_plain, 1, 64},
    {"lacks_syncwarp", lacks_syncwarp, 1, 32},
    {"bytes_race", bytes_race, 1, 32},
    {"lacks_fence", lacks_fence, 4, 64},
    {"sums_in_last_block", sums_in_last_block, 4, 64},
    {"loads_misaligned", loads_misaligned, 1, 32},
    {"follows_null", follows_null, 1, 1},
    {"overflows_stack", overflows_stack, 1, 1},
    {"writes_constant", writes_constant, 1, 1},
    {"writes_to_neighbour", writes_to_neighbour, 1, 1},
    {"too_many_threads", copies, 1, 2048},
    {"too_much_shared", copies, 4, 64, 64 << 10},
    {"copies", copies, 4, 64},
    {"copies_four_at_a_time", copies_four_at_a_time, 1, 64},
    {"copies_bytes", copies_bytes, 2, 64},
    {"reverses_through_shared", reverses_through_shared, 2, 256, 256 * sizeof(float)},
    {"sums_block", sums_block, 1, 256},
    {"sums_warp_in_shared", sums_warp_in_shared, 1, 32},
    {"counts_with_atomics", counts_with_atomics, 4, 64},
    {"whole_warps_leave", whole_warps_leave, 2, 96},
};

}  // namespace

cudaError_t launch_case(const std::string& name, float* out, const float* in, int size,
                        cudaStream_t stream) {
  for (const Case& c : cases) {
    if (name != c.name) continue;
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(c.blocks);
    config.blockDim = dim3(c.threads);
    config.dynamicSmemBytes = c.shared_bytes;
    config.stream = stream;
    return cudaLaunchKernelEx(&config, c.kernel, out, in, size);
  }
  return cudaErrorInvalidDeviceFunction;
}
