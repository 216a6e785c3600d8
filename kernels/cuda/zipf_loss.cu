// SPDX-License-Identifier: MIT
#include "kernels/zipf_loss.h"

#include <cfloat>
#include <string>

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/block.cuh"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/error_type.h"

namespace kernels {
namespace {

/// log q without its normalisation, floored where e^d has long been 0.
__device__ __forceinline__ float distance(float z, float z_max) {
  const float d = z - z_max;
  return d < -1e30f ? -1e30f : d;
}

/// The rank of class c != y among the classes other than y.
__device__ __forceinline__ int rank_among_others(const float* z, int classes, int c, int y) {
  int before = 0;
  for (int k = 0; k < classes; ++k) before += int(k != y && (k < c ? z[k] >= z[c] : z[k] > z[c]));
  return 1 + before;
}

/// What is the same for all rows, from double on the host.
struct Constants {
  float first_label, sum_t_log_t, weight, per_row;
};

// A block has a row, in shared memory: all threads read one logit at a time when they rank.
//   shapes  logits, grad [rows, classes]; label, loss [rows]
//   moves   8*rows*(classes + 1) bytes
//   launch  rows blocks of 128 threads, 4*classes bytes of shared memory
constexpr unsigned block_threads = 128;

__global__ void zipf_loss_block_per_row(ZipfLoss op, Constants k) {
  float* z = dynamic_shared<float>();
  const int classes = op.classes, y = op.label[blockIdx.x];
  const std::size_t at = std::size_t(blockIdx.x) * classes;

  float others_max = -INFINITY;
  for (int c = int(threadIdx.x); c < classes; c += int(blockDim.x)) {
    const float value = op.logits[at + c];
    z[c] = value;
    if (c != y) others_max = fmaxf(others_max, value);
  }
  others_max = block_max(others_max);  // whose barrier completes z, too
  float sum_e = 0;
  for (int c = int(threadIdx.x); c < classes; c += int(blockDim.x))
    if (c != y) sum_e += expf(distance(z[c], others_max));
  sum_e = block_sum(sum_e);

  // Of the odds against the label; 1 - p_y is their logistic function.
  const bool is_class = y >= 0 && y < classes;
  const float log_sum = logf(sum_e), log_odds = is_class ? others_max - z[y] + log_sum : NAN;
  const float rest = 1 / (1 + expf(-log_odds));
  const float per_e = (rest + k.weight) / sum_e * k.per_row;
  float sum_td = 0;
  for (int c = int(threadIdx.x); c < classes; c += int(blockDim.x)) {
    const float d = distance(z[c], others_max);
    const float t = k.first_label / float(rank_among_others(z, classes, c, y));
    if (c != y) sum_td += t * d;
    if (op.grad == nullptr) continue;
    op.grad[at + c] = c == y ? -rest * k.per_row : expf(d) * per_e - k.weight * k.per_row * t;
  }
  sum_td = block_sum(sum_td);
  if (threadIdx.x != 0) return;
  const float cross_entropy = fmaxf(log_odds, 0.0f) + log1pf(expf(-fabsf(log_odds)));
  const float loss = cross_entropy + k.weight * (k.sum_t_log_t - sum_td + log_sum);
  op.loss[blockIdx.x] = loss > FLT_MAX ? FLT_MAX : loss;  // NaN stays NaN
}

}  // namespace

void run(Cuda, const ZipfLoss& op) {
  const std::size_t limit = (context().max_shared_bytes() - 1024) / sizeof(float);
  if (std::size_t(op.classes) > limit)
    throw Error("zipf_loss: a row of " + std::to_string(op.classes) +
                " classes does not fit the shared memory of a block, which holds " +
                std::to_string(limit));
  const ZipfLabels labels(op.classes);
  launch(zipf_loss_block_per_row,
         {std::size_t(op.rows), block_threads, std::size_t(op.classes) * sizeof(float)}, op,
         Constants{.first_label = float(labels.first),
                   .sum_t_log_t = float(labels.sum_t_log_t),
                   .weight = op.weight,
                   .per_row = float(1.0 / op.rows)});
}

}  // namespace kernels
