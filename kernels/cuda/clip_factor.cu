// SPDX-License-Identifier: MIT
#include "kernels/clip_factor.h"

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/launch.h"

namespace kernels {
namespace {

// A block has a part of the sum: every parts-th 256 elements, so that neighbouring threads read
// neighbours.
//   moves   4*size + 8*parts bytes
//   launch  parts blocks of 256 threads, size / 4096 but at least 1 and at most 1024
constexpr unsigned sum_threads = 256;

__global__ void clip_factor_sums(ClipFactor op) {
  double sum = 0;
  const std::size_t stride = std::size_t{gridDim.x} * sum_threads;
#pragma unroll 4
  for (std::size_t i = std::size_t{blockIdx.x} * sum_threads + threadIdx.x; i < op.size;
       i += stride) {
    const double g = op.grad[i];
    sum += g * g;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) op.partial_sums[blockIdx.x] = sum;
}

// One block adds up the parts.
//   moves   8*parts + 4 bytes
//   launch  1 block of 1024 threads
__global__ void clip_factor_in_one_block(ClipFactor op, unsigned parts) {
  const double sum = block_sum(threadIdx.x < parts ? op.partial_sums[threadIdx.x] : 0.0);
  if (threadIdx.x != 0) return;
  const double factor = double(op.max_norm) / (sqrt(sum) + 1e-6);
  *op.factor = factor > 1 ? 1.0f : float(factor);  // NaN stays NaN
}

}  // namespace

void run(Cuda, const ClipFactor& op) {
  const auto parts = unsigned(ClipFactor::parts(op.size));
  launch(clip_factor_sums, {parts, sum_threads}, op);
  launch(clip_factor_in_one_block, {1, ClipFactor::most_parts}, op, parts);
}

}  // namespace kernels
