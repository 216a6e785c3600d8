// SPDX-License-Identifier: MIT
#include "kernels/bias.h"

#include "kernels/cuda/launch.h"
#include "kernels/cuda/warp.cuh"

namespace kernels {
namespace {

// Both kernels: a warp reads 32 neighbours of a row at a time, and a block of warps works on a
// strip of 32 columns, each warp on every so many rows.

constexpr int add_warps = 8, add_rows = 128;  // of a block
constexpr int grad_warps = 32;

// The block's part of the bias is fetched once and kept in shared memory.
//   moves   4 * (2 * rows * columns + columns * ceil(rows / 128)) bytes
//   launch  ceil(columns / 32) * ceil(rows / 128) blocks of 256 threads
__global__ void add_bias_strip(AddBias op, int strips) {
  __shared__ float bias[warp_size];
  const int column = int(blockIdx.x) % strips * warp_size + lane_index();
  const int first_row = int(blockIdx.x) / strips * add_rows;
  const bool inside = column < op.columns;
  if (inside && warp_index() == 0) bias[lane_index()] = op.bias[column];
  __syncthreads();
  if (!inside) return;
  const int end_row = min(first_row + add_rows, op.rows);
  for (int row = first_row + warp_index(); row < end_row; row += add_warps)
    op.y[std::size_t(row) * op.columns + column] += bias[lane_index()];
}

// One block for all rows, so that the order of the sum is fixed without a second launch: the only
// user is a classifier, with as many rows as the batch has images.
//   moves   4 * (rows * columns + columns) bytes
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
  const std::size_t strips = ceil_div(op.columns, warp_size);
  launch(add_bias_strip, {strips * ceil_div(op.rows, add_rows), add_warps * warp_size}, op,
         int(strips));
}

void run(Cuda, const BiasGrad& op) {
  launch(bias_grad_strip, {ceil_div(op.columns, warp_size), grad_warps * warp_size}, op);
}

}  // namespace kernels
