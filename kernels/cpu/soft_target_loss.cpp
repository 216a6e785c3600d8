// SPDX-License-Identifier: MIT
#include "kernels/soft_target_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector_math.h"

namespace kernels {
namespace {

/// Where the soft label comes from: from the label alone, or from a second array beside the logits.
enum class Source { label, teacher, probabilities };

/// s of the classes other than y, and what s_y has more than they.
struct LabelPart {
  double other = 0, extra = 0;
};

LabelPart label_part(const SoftTargetLoss& op, int row) {
  const double eps = op.smoothing, classes = op.classes;
  const auto over_others = [=](double s_y) {
    const double other = (1 - s_y) / (classes - 1);
    return LabelPart{other, s_y - other};
  };
  switch (op.soft) {
    case SoftTarget::one_hot: return {0, 1};
    case SoftTarget::smoothed: return over_others(1 - eps);
    case SoftTarget::smoothed_over_all: return {eps / classes, 1 - eps};
    case SoftTarget::beta: return over_others(op.true_class_probability[row]);
    case SoftTarget::teacher:
    case SoftTarget::probabilities: break;
  }
  return {};
}

/// A part of the target: base + peak [c = y] + weight q_c, with q_c what the second array says of a
/// class: exp((u_c - u_max) / T), not yet normalised, or the given probability.
struct Part {
  double base, peak, weight;
};

/// The labels of a row with their shares: one, or the two of a mixture.
struct Labels {
  int count;
  int of[2];
  float share[2];

  Labels(const SoftTargetLoss& op, int row)
      : count(op.other_label ? 2 : 1),
        of{op.label[row], op.other_label ? op.other_label[row] : 0},
        share{op.other_label ? op.share[row] : 1, op.other_label ? 1 - op.share[row] : 0} {}

  bool within(int classes) const {
    return of[0] >= 0 && of[0] < classes && of[1] >= 0 && of[1] < classes;
  }
  /// The mean of value(label).
  template <class Value>
  double mean(Value value) const {
    return count == 1 ? value(of[0]) : share[0] * value(of[0]) + share[1] * value(of[1]);
  }
  float share_of(int c) const { return (c == of[0] ? share[0] : 0) + (c == of[1] ? share[1] : 0); }
};

/// One row. The part of the target whose logarithm is exact takes two passes: sums and gradient.
/// With an epsilon the soft part is not in it, and takes a pass of its own.
template <Source source, bool with_epsilon>
void run_row(const SoftTargetLoss& op, int row) {
  const int classes = op.classes;
  const Labels labels(op, row);
  const std::size_t at = std::size_t(row) * classes;
  const float* z = op.logits + at;
  const float* second = source == Source::teacher         ? op.teacher_logits + at
                        : source == Source::probabilities ? op.probabilities + at
                                                          : nullptr;
  float* grad = op.grad ? op.grad + at : nullptr;
  if (!labels.within(classes)) {
    op.loss[row] = std::numeric_limits<float>::quiet_NaN();
    if (grad) std::fill_n(grad, classes, op.loss[row]);
    return;
  }

  const float inverse_ts = 1 / op.student_temperature, inverse_t = 1 / op.teacher_temperature;
  const float z_max = largest(z, classes);
  const float u_max = source == Source::teacher ? largest(second, classes) : 0;
  const auto q = [=](int c) {
    if constexpr (source == Source::teacher) {
      return exp_nonpositive((second[c] - u_max) * inverse_t);
    }
    if constexpr (source == Source::probabilities) return second[c];
    return 0.0f;
  };

  float sum_e = 0, sum_ed = 0, sum_d = 0, sum_q = 0, sum_qd = 0;
#pragma omp simd reduction(+ : sum_e, sum_ed, sum_d, sum_q, sum_qd)
  for (int c = 0; c < classes; ++c) {
    const float d = distance(z[c], z_max, inverse_ts);
    const float e = exp_nonpositive(d);
    if (grad) grad[c] = e;
    sum_e += e;
    sum_ed += e * d;
    sum_d += d;
    if constexpr (source != Source::label) {
      sum_q += q(c);
      sum_qd += q(c) * d;
    }
  }

  const LabelPart s = label_part(op, row);
  const double log_sum = std::log(sum_e);
  double soft_weight = 1 - double(op.alpha);
  if (op.omega) {
    const double log_omega = double(u_max) * inverse_t + std::log(sum_q);
    soft_weight *= std::exp(std::min(80.0, log_omega - op.log_mean_omega));
  }
  const Part hard{double(op.gamma) - 1, op.alpha, 0};
  const Part soft{soft_weight * s.other, soft_weight * s.extra,
                  source == Source::teacher ? soft_weight / sum_q : soft_weight};
  const Part exact =
      with_epsilon ? hard : Part{soft.base + hard.base, soft.peak + hard.peak, soft.weight};
  const double sum_t = exact.base * classes + exact.peak + exact.weight * sum_q;
  const double label_d =
      labels.mean([=](int y) -> double { return distance(z[y], z_max, inverse_ts); });
  double sum_td = exact.base * sum_d + exact.peak * label_d + exact.weight * sum_qd;
  double gradient_sum_t = sum_t;
  if constexpr (with_epsilon) {
    for (int c = 0; c < classes; ++c) {
      const float p = exp_nonpositive(distance(z[c], z_max, inverse_ts)) / sum_e;
      const float shifted = p + op.log_epsilon;
      const double g = soft.base + soft.peak * labels.share_of(c) + soft.weight * q(c);
      sum_td += g * std::log(shifted);
      gradient_sum_t += g * (p / shifted);
    }
  }
  const double entropy = log_sum - double(sum_ed) / sum_e;

  const double ts = op.student_temperature, factor = op.scale_by_temperature ? ts * ts : 1;
  const double loss = factor * (sum_t * log_sum - sum_td - op.entropy_weight * entropy);
  constexpr double most = std::numeric_limits<float>::max();
  op.loss[row] = float(std::clamp(loss, -most, most));
  if (!grad) return;

  const double unit = factor / (ts * op.rows);
  const float per_e = float(unit * gradient_sum_t / sum_e), per_q = float(unit * soft.weight);
  const float constant = float(unit * (with_epsilon ? soft.base : exact.base));
  const float hard_constant = float(unit * hard.base), shift = op.log_epsilon * sum_e;
  const auto t = [=](int c, float e) {
    if constexpr (with_epsilon)
      return hard_constant + (constant + per_q * q(c)) * (e / (e + shift));
    return constant + per_q * q(c);
  };
  double peaks[2];  // of the gradient at the labels, which the loop overwrites
  for (int i = 0; i < labels.count; ++i) {
    const float e = grad[labels.of[i]];
    peaks[i] = with_epsilon ? hard.peak + soft.peak * (e / (e + shift)) : exact.peak;
  }
  const auto write_gradient = [=](auto per_e_of) {
#pragma omp simd
    for (int c = 0; c < classes; ++c) grad[c] = grad[c] * per_e_of(c) - t(c, grad[c]);
  };
  if (op.entropy_weight == 0) {
    write_gradient([=](int) { return per_e; });
  } else {
    const float entropy_per_e = float(unit * op.entropy_weight / sum_e);
    const float to_log_p_plus_entropy = float(entropy - log_sum);
    write_gradient([=](int c) {
      return per_e + entropy_per_e * (distance(z[c], z_max, inverse_ts) + to_log_p_plus_entropy);
    });
  }
  for (int i = 0; i < labels.count; ++i)
    grad[labels.of[i]] -= float(unit * (labels.share[i] * peaks[i]));
}

template <Source source, bool with_epsilon>
void run_rows(const SoftTargetLoss& op) {
#pragma omp parallel for schedule(static) if (std::size_t(op.rows) * op.classes >= parallel_from)
  for (int row = 0; row < op.rows; ++row) run_row<source, with_epsilon>(op, row);
}

template <Source source>
void run_source(const SoftTargetLoss& op) {
  op.log_epsilon > 0 ? run_rows<source, true>(op) : run_rows<source, false>(op);
}

}  // namespace

void run(Cpu, const SoftTargetLoss& op) {
  switch (op.soft) {
    case SoftTarget::teacher: return run_source<Source::teacher>(op);
    case SoftTarget::probabilities: return run_source<Source::probabilities>(op);
    default: return run_source<Source::label>(op);
  }
}

}  // namespace kernels
