// SPDX-License-Identifier: MIT
#include "kernels/bias.h"

#include "kernels/cuda/launch.h"
#include "kernels/cuda/warp.cuh"

namespace kernels {
namespace {

constexpr int add_threads = 256;
constexpr int grad_warps = 32;

// A thread for each element, so that the lanes of a warp are packed whatever the row's length.
//   moves   8*rows*columns + 4*columns bytes; caches serve the bias
//   launch  ceil(rows * columns / 256) blocks of 256 threads
__global__ void add_bias_elementwise(AddBias op, std::size_t size) {
  const std::size_t i = std::size_t(blockIdx.x) * add_threads + threadIdx.x;
  if (i < size) op.y[i] += op.bias[i % op.columns];
}

// A warp reads 32 neighbours of a row at a time, and a block works on a strip of 32 columns, each
// warp on every 32nd row. One block for all rows, so that the order of the sum is fixed without a
// second launch: the only user is a classifier, with as many rows as the batch has images.
//   moves   4*rows*columns + 4*columns bytes
//   launch  ceil(columns / 32) blocks of 1024 threads
__global__ void bias_grad_strip(BiasGrad op) {
  __shared__ float of_warp[grad_warps][warp_size];
  const int column = int(blockIdx.x) * warp_size + lane_index();
  const bool inside = column < op.columns;
  float sum = 0;
  if (inside)
    for (int row = warp_index(); row < op.rows; row += grad_warps)
      sum += op.dy[std::size_t(row) * op.columns + column];
  of_warp[warp_index()][lane_index()] = sum;
  __syncthreads();
  if (!inside || warp_index() != 0) return;
  sum = 0;
  for (int warp = 0; warp < grad_warps; ++warp) sum += of_warp[warp][lane_index()];
  op.dbias[column] = sum;
}

}  // namespace

void run(Cuda, const AddBias& op) {
  const std::size_t size = std::size_t(op.rows) * op.columns;
  launch(add_bias_elementwise, {ceil_div(size, add_threads), add_threads}, op, size);
}

void run(Cuda, const BiasGrad& op) {
  launch(bias_grad_strip, {ceil_div(op.columns, warp_size), grad_warps * warp_size}, op);
}

}  // namespace kernels
