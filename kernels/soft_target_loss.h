// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"

namespace kernels {

/// Where the soft label s of a sample comes from; y is its hard label, K the number of classes.
enum class SoftTarget : std::uint8_t {
  one_hot,            // s = onehot(y): cross entropy
  smoothed,           // s_y = 1 - eps, s_c = eps / (K-1): label smoothing as in the authors' code
  smoothed_over_all,  // s = (1 - eps) onehot(y) + eps / K: label smoothing as in Eq. 7 and PyTorch
  teacher,            // s = softmax(teacher_logits / teacher_temperature): distillation, Eq. 2
  beta,               // s_y = b, s_c = (1 - b) / (K-1): Beta smoothing, Section 6
  probabilities,      // s = given
};

/// The loss of training on soft labels, and its gradient, in one pass that reads each logit once.
/// With p = softmax(logits / Ts), Ts the student temperature, a = alpha and s as above, row i has
///
///   target   h + g,   h = a onehot(y) + (gamma-1) 1,   g = (1-a) w s      (Eq. 3, Eq. 8, Eq. 10)
///   loss_i   = f [ -sum_c h_c log p_c - sum_c g_c log(p_c + epsilon) - lambda H(p) ]
///   grad_i   = f / (Ts rows) [ (sum_c t_c) p - t + lambda p (log p + H(p)) ]
///
/// where gamma - 1 is alpha times that of Eq. 8, whose objective is this loss over alpha, and
/// f = Ts^2 if scale_by_temperature else 1 and t = h + g p / (p + epsilon). epsilon, the field
/// log_epsilon, is 0 in the paper, so that t is the target, and 1e-8 in the authors' code.
///
/// Of a mixture of two images, that of label y having the given `share` and one of other_label y'
/// the rest, the label is both: share onehot(y) + (1 - share) onehot(y') stands for onehot(y) in h,
/// and likewise in s, so that s is the mixture of both labels' s; but for `teacher`, which has seen
/// the mixture itself, and for given probabilities.
///
/// w is 1, or with `omega` the sample weight of Eq. 10 over its mean in the training set, whose
/// logarithm is given: sum_j exp(u_j / T - log_mean_omega), u the teacher's logits (capped at
/// exp(80)). `grad` is the gradient of the mean loss over the rows. Loss and gradient
/// are finite for all finite logits and temperatures from 1e-3 to 1e3; a loss beyond the largest
/// float is that float, and a class with target 0 adds nothing, however unlikely. NaN among a row's
/// logits makes its loss NaN; a label outside [0, classes) makes its loss and gradient NaN.
struct SoftTargetLoss {
  const float* logits;                            // [rows, classes]
  const std::int32_t* label;                      // [rows]
  const float* teacher_logits = nullptr;          // [rows, classes]  for teacher
  const float* true_class_probability = nullptr;  // [rows]           for beta
  const float* probabilities = nullptr;           // [rows, classes]  for probabilities
  const std::int32_t* other_label = nullptr;      // [rows]           of mixtures, or null
  const float* share = nullptr;                   // [rows]           in [0, 1], if there is that
  float* loss;                                    // [rows]           out
  float* grad;                                    // [rows, classes]  out; null: not wanted
  int rows, classes;
  SoftTarget soft = SoftTarget::one_hot;
  float alpha = 0;                // weight of the hard label, in [0, 1]
  float smoothing = 0;            // eps, in [0, 1)
  float teacher_temperature = 1;  // T
  float student_temperature = 1;  // Ts
  bool scale_by_temperature = false;
  bool omega = false;        // teacher only
  float log_mean_omega = 0;  // any number: exp(-it) (1 - alpha) / alpha is the beta of Eq. 10
  float gamma = 1;
  float entropy_weight = 0;  // lambda: > 0 rewards uncertain predictions
  float log_epsilon = 0;     // epsilon, >= 0

  std::size_t bytes() const {
    const bool reads_second_array =
        soft == SoftTarget::teacher || soft == SoftTarget::probabilities;
    const std::size_t per_logit = 4 * (1 + (reads_second_array ? 1 : 0) + (grad ? 1 : 0));
    const std::size_t per_row = 8 + (soft == SoftTarget::beta ? 4 : 0) + (other_label ? 8 : 0);
    return rows * (per_logit * classes + per_row);
  }
};
void run(Cpu, const SoftTargetLoss&);
void run(Cuda, const SoftTargetLoss&);

}  // namespace kernels
