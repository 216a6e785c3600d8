// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/matching.h"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"

namespace experiments {

namespace {

/// The mean over the rows of softmax(logits / temperature) at the label.
double mean_p_true(std::span<const float> logits, std::span<const std::int32_t> labels, int classes,
                   double temperature) {
  double sum = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const auto z = logits.subspan(row * std::size_t(classes), std::size_t(classes));
    const double true_logit = double(z[std::size_t(labels[row])]);
    double odds_against = 0;
    for (const float other : z)
      odds_against += std::exp((double(other) - true_logit) / temperature);
    sum += 1 / odds_against;  // the label itself is among the others, with 1
  }
  return sum / double(labels.size());
}

}  // namespace

double matching_temperature(std::span<const float> logits, std::span<const std::int32_t> labels,
                            int classes, double wanted) {
  const auto mean_at = [&](double log_temperature) {
    return mean_p_true(logits, labels, classes, std::exp(log_temperature));
  };
  double low = std::log(0.01), high = std::log(100);
  const double most = mean_at(low), least = mean_at(high);
  kernels::require(
      wanted < most && wanted > least,
      "no temperature gives the teacher's soft labels a mean of {:.4f} at the true class: between "
      "T = 0.01 and 100 it goes from {:.4f} to {:.4f}; choose another mean label "
      "(`effective_label`; of an experiment 1 - `smoothing`), a longer training or another `alpha`",
      wanted, most, least);
  while (high - low > 1e-6) {
    const double middle = (low + high) / 2;
    (mean_at(middle) > wanted ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
}

double log_mean_omega(std::span<const float> logits, int classes, double temperature) {
  const double largest = *std::max_element(logits.begin(), logits.end()) / temperature;
  double sum = 0;
  for (const float z : logits) sum += std::exp(z / temperature - largest);
  return largest + std::log(sum * classes / double(logits.size()));
}

double matching_beta_a(double wanted) { return wanted / (1 - wanted); }

}  // namespace experiments
