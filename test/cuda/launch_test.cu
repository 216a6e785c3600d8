// SPDX-License-Identifier: MIT
#include "test/cuda/launch_test.h"

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/launch.h"

namespace test::cuda_launch {
namespace {

// The size comes as the host has it, and is converted to what the kernel takes.
__global__ void number_the_threads(int* out, int shared_bytes) {
  const int i = int(blockIdx.x * blockDim.x + threadIdx.x);
  int* shared = kernels::dynamic_shared<int>();
  const int last = shared_bytes / int(sizeof(int)) - 1;
  if (threadIdx.x == 0 && last >= 0) shared[last] = i;
  __syncthreads();
  out[i] = last >= 0 ? shared[last] + int(threadIdx.x) : i;
}

__global__ void read_beyond_everything(int* out) { out[0] = out[1 << 24]; }

}  // namespace

void number_threads(int* out, std::size_t blocks, unsigned threads, std::size_t shared_bytes) {
  kernels::launch(number_the_threads, {blocks, threads, shared_bytes}, out, shared_bytes);
}

void read_beyond(int* out) { kernels::launch(read_beyond_everything, {1, 1}, out); }

}  // namespace test::cuda_launch
