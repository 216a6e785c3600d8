// SPDX-License-Identifier: MIT
#pragma once
#include <cmath>

#include "kernels/runtime/device.h"

namespace kernels {

/// Zipf's label smoothing (Liang et al., ECCV 2022), ranked by the network's own logits: cross
/// entropy, and the KL divergence of what a row says of the classes other than its label y from
/// labels that fall as 1 / rank. With p = softmax(logits), q_c = p_c / (1 - p_y), r_c = 1 ... K-1
/// the rank of class c among those other than y, the largest logit first and of equal ones the
/// first class, and H = sum_{r < K} 1 / r:
///
///   t_c      = 1 / (r_c H)                                      c != y
///   loss_i   = -log p_y + weight sum_{c != y} t_c log(t_c / q_c)
///   grad_i   = [p_c + weight (q_c - t_c)] / rows                c != y
///              (p_y - 1) / rows                                 c  = y
///
/// `grad` is the gradient of the mean loss over the rows; ranks have none. Loss and gradient are
/// finite for all finite logits; a loss beyond the largest float is that float. NaN among a row's
/// logits makes its loss NaN; a label outside [0, classes) makes its loss and gradient NaN.
struct ZipfLoss {
  const float* logits;        // [rows, classes]
  const std::int32_t* label;  // [rows]
  float* loss;                // [rows]           out
  float* grad;                // [rows, classes]  out; null: not wanted
  int rows, classes;          // classes >= 2
  float weight;               // lambda, >= 0

  /// Reads each logit and label once, writes loss and gradient.
  std::size_t bytes() const {
    return std::size_t(rows) * (4 * std::size_t(classes) * (grad ? 2 : 1) + 8);
  }
};
void run(Cpu, const ZipfLoss&);
void run(Cuda, const ZipfLoss&);

/// 1 / H, and the sum of t log t over the classes other than y: what is the same for all rows.
struct ZipfLabels {
  double first, sum_t_log_t;

  explicit ZipfLabels(int classes) : first(0), sum_t_log_t(0) {
    double sum = 0;
    for (int r = classes - 1; r >= 1; --r) sum += 1.0 / r;
    first = 1 / sum;
    for (int r = classes - 1; r >= 1; --r) sum_t_log_t += first / r * std::log(first / r);
  }
};

}  // namespace kernels
