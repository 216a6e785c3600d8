// SPDX-License-Identifier: MIT
#include "kernels/zipf_loss.h"

#include <algorithm>
#include <limits>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector_math.h"

namespace kernels {
namespace {

/// The rank of class c != y among the classes other than y.
int rank_among_others(const float* z, int classes, int c, int y) {
  int before = 0;
#pragma omp simd reduction(+ : before)
  for (int k = 0; k < c; ++k) before += z[k] >= z[c];
#pragma omp simd reduction(+ : before)
  for (int k = c + 1; k < classes; ++k) before += z[k] > z[c];
  const bool counts_label = y < c ? z[y] >= z[c] : z[y] > z[c];
  return 1 + before - int(counts_label);
}

void run_row(const ZipfLoss& op, const ZipfLabels& labels, int row) {
  const int classes = op.classes, y = op.label[row];
  const float* z = op.logits + std::size_t(row) * classes;
  float* grad = op.grad ? op.grad + std::size_t(row) * classes : nullptr;
  if (y < 0 || y >= classes) {
    op.loss[row] = std::numeric_limits<float>::quiet_NaN();
    if (grad) std::fill_n(grad, classes, op.loss[row]);
    return;
  }

  const float others_max = std::max(largest(z, y), largest(z + y + 1, classes - y - 1));
  double sum_e = 0;
#pragma omp simd reduction(+ : sum_e)
  for (int c = 0; c < classes; ++c) {
    const float e = exp_nonpositive(std::min(distance(z[c], others_max), 0.0f));
    if (grad) grad[c] = e;
    sum_e += c == y ? 0 : e;
  }
  // Of the odds against the label; 1 - p_y is their logistic function.
  const double log_sum = std::log(sum_e), log_odds = double(others_max) - z[y] + log_sum;
  const double rest = 1 / (1 + std::exp(-log_odds));
  const double cross_entropy = std::max(log_odds, 0.0) + std::log1p(std::exp(-std::abs(log_odds)));
  const double per_e = (rest + op.weight) / sum_e / op.rows;
  double sum_td = 0;
  for (int c = 0; c < classes; ++c) {
    if (c == y) continue;
    const double t = labels.first / rank_among_others(z, classes, c, y);
    sum_td += t * distance(z[c], others_max);
    if (grad) grad[c] = float(grad[c] * per_e - op.weight * t / op.rows);
  }
  if (grad) grad[y] = float(-rest / op.rows);
  const double loss = cross_entropy + op.weight * (labels.sum_t_log_t - sum_td + log_sum);
  op.loss[row] = float(std::min(loss, double(std::numeric_limits<float>::max())));
}

}  // namespace

void run(Cpu, const ZipfLoss& op) {
  const ZipfLabels labels(op.classes);
#pragma omp parallel for schedule(static) if (std::size_t(op.rows) * op.classes >= parallel_from)
  for (int row = 0; row < op.rows; ++row) run_row(op, labels, row);
}

}  // namespace kernels
