// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace experiments {

/// A network's outputs for some samples, and what is true of them: logits [n, classes], row-major;
/// labels [n]. A view: the owner must outlive it.
struct LabelledLogits {
  std::span<const float> logits;
  std::span<const std::int32_t> labels;
  int classes;
};

/// The softmax of one row of logits as far as the metrics need it, without loss near 0 and 1.
struct Prediction {
  int arg_max;  // the first of equals
  bool correct;
  double confidence;  // the largest probability
  double p_true;      // probability of the true class
  double q_true;      // 1 - p_true, summed from the other classes, so exact where p_true is near 1
  double nll;         // -log p_true, natural
  double brier;       // sum_c (p_c - [c is true])^2, in [0, 2]
  double entropy;     // Shannon entropy in nats
};

/// softmax(logits / temperature), in double. Throws Error on a NaN or infinite logit, a label that
/// is no class, or sizes that do not fit.
std::vector<Prediction> predict(const LabelledLogits&, double temperature = 1);

/// The softmax of logits / temperature of one row, in double.
std::vector<double> softmax(std::span<const float> logits, double temperature = 1);

bool all_finite(std::span<const float>);  // no NaN, no infinity

}  // namespace experiments
