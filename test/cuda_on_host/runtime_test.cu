// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/runtime_test.h"

#include <cuda_runtime.h>

#include "kernels/cuda/access.cuh"

namespace cuda_on_host_test {
namespace {

constexpr unsigned all = 0xffffffffu;

__device__ unsigned flat_thread() {
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
__device__ unsigned flat_block() {
  return blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
}
__device__ unsigned block_size() { return blockDim.x * blockDim.y * blockDim.z; }

// out[i] = i, by the thread with that number.
__global__ void number_threads(int* out, const int*) {
  const unsigned i = flat_block() * block_size() + flat_thread();
  out[i] = int(i);
}

// out[i] = how many threads came before thread i.
__global__ void order_of_threads(int* out, const int*) {
  const unsigned i = flat_block() * block_size() + flat_thread();
  out[1 + i] = atomicAdd(out, 1);
}

// 12 ints for each lane, in the order of the lines.
__global__ void warp_operations(int* out, const int* in) {
  const int lane = int(threadIdx.x), v = in[lane];
  int* mine = out + 12 * lane;
  mine[0] = __shfl_sync(all, v, 3);
  mine[1] = __shfl_sync(all, v, 3, 8);
  mine[2] = __shfl_up_sync(all, v, 2);
  mine[3] = __shfl_up_sync(all, v, 2, 8);
  mine[4] = __shfl_down_sync(all, v, 5);
  mine[5] = __shfl_down_sync(all, v, 5, 16);
  mine[6] = __shfl_xor_sync(all, v, 6);
  mine[7] = int(__ballot_sync(all, v % 3 == 0));
  mine[8] = __any_sync(all, v == in[7]) * 2 + __all_sync(all, v == in[7]);
  mine[9] = int(__reduce_add_sync(all, unsigned(v)));
  mine[10] = int(__reduce_min_sync(all, unsigned(v)));
  // Half of the warp on its own, with a type of eight bytes.
  const unsigned half = lane < 16 ? 0xffffu : 0xffff0000u;
  mine[11] = int(__shfl_xor_sync(half, double(v), 1));
}

__global__ void barrier_votes(int* out, const int* in) {
  const int odd = in[threadIdx.x] % 2;
  int* mine = out + 3 * threadIdx.x;
  mine[0] = __syncthreads_count(odd);
  mine[1] = __syncthreads_and(odd);
  mine[2] = __syncthreads_or(odd);
}

__global__ void atomics(int* out, const int* in) {
  const int v = in[threadIdx.x];
  atomicAdd(&out[0], v);
  atomicSub(&out[1], v);
  atomicMin(&out[2], v);
  atomicMax(&out[3], v);
  atomicOr(&out[4], 1 << threadIdx.x % 8);
  atomicAnd(&out[5], ~(1 << threadIdx.x % 8));
  atomicExch(&out[6], 7);
  atomicCAS(&out[7], 0, 5);
}

__global__ void add_one(int* out, const int* in) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i] + 1;
}

// Each thread reads every 16th int: a sector for each.
__global__ void strided(int* out, const int* in) { out[threadIdx.x] = in[16 * threadIdx.x]; }

// Each int is read twice and written three times; the first of them by all threads.
__global__ void repeats(int* out, const int* in) {
  volatile int* to = out + threadIdx.x;
  const volatile int* from = in;
  for (int i = 0; i < 3; ++i) *to = i;
  *to = from[threadIdx.x] + from[threadIdx.x] + from[0];
}

__global__ void reads_beyond(int* out, const int* in) { out[0] = in[1 << 20]; }

__global__ void deadlocks(int*, const int*) {
  if (threadIdx.x == 0) __syncthreads();
}

using Kernel = void (*)(int*, const int*);
struct Named {
  const char* name;
  Kernel kernel;
};
constexpr Named kernels_by_name[] = {
    {"number_threads", number_threads},
    {"order_of_threads", order_of_threads},
    {"warp_operations", warp_operations},
    {"barrier_votes", barrier_votes},
    {"atomics", atomics},
    {"add_one", add_one},
    {"strided", strided},
    {"repeats", repeats},
    {"reads_beyond", reads_beyond},
    {"deadlocks", deadlocks},
};

}  // namespace

cudaError_t launch(const std::string& kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
                   cudaStream_t stream, int* out, const int* in) {
  for (const Named& named : kernels_by_name) {
    if (kernel != named.name) continue;
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = shared_bytes;
    config.stream = stream;
    return cudaLaunchKernelEx(&config, named.kernel, out, in);
  }
  return cudaErrorInvalidDeviceFunction;
}

}  // namespace cuda_on_host_test
