// SPDX-License-Identifier: MIT
#include "kernels/count_correct.h"

#include "kernels/cuda/launch.h"
#include "kernels/cuda/warp.cuh"

namespace kernels {
namespace {

constexpr int rows_per_block = 8;

/// The first of the row's largest logits; a number that is no class if there is a NaN.
__device__ __forceinline__ int predicted(const float* z, int classes) {
  constexpr int none = 0x7fffffff;
  float largest = -INFINITY;
  int where = none;
  bool has_nan = false;
  for (int c = lane_index(); c < classes; c += warp_size) {
    const float value = z[c];
    has_nan |= value != value;
    if (where == none || value > largest) {
      largest = value;
      where = c;
    }
  }
  if (largest != warp_max(largest)) where = none;
  where = warp_min(where);
  return __any_sync(whole_warp, has_nan) ? none : where;
}

// One warp per row, which reads its logits once; one addition per block, of whole numbers, so that
// the order of blocks does not matter.
//   shapes  logits [rows, classes]; label [rows]; correct [1]
//   moves   4*rows*(classes + 1) bytes, and 8 for each block with a correct row; 12 with a loss
//   launch  ceil(rows / 8) blocks of 256 threads
__global__ void count_correct_warp_per_row(CountCorrect op) {
  const int row = int(blockIdx.x) * rows_per_block + warp_index();
  bool correct = false;
  if (row < op.rows) {
    const int label = op.label[row];
    correct = label >= 0 && label < op.classes &&
              predicted(op.logits + std::size_t(row) * op.classes, op.classes) == label;
  }
  const int count = __syncthreads_count(correct && lane_index() == 0);
  if (threadIdx.x > 0) return;
  if (count > 0) atomicAdd(op.correct, count);
  if (op.losses && blockIdx.x == 0) op.losses[op.step->batch] = *op.loss;
}

}  // namespace

void run(Cuda, const CountCorrect& op) {
  launch(count_correct_warp_per_row,
         {ceil_div(op.rows, rows_per_block), rows_per_block * warp_size}, op);
}

}  // namespace kernels
