// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>

/// Soft labels of equal strength, Section 7.1 of the paper: methods are compared at the same mean
/// label of the true class.
namespace experiments {

/// The temperature T at which softmax(logits / T) gives the true class the probability `wanted` on
/// average over the rows, found by bisection to a relative 1e-6. logits [n, classes] row-major. The
/// mean falls with T from the accuracy towards 1 / classes, steadily for rows whose largest logit
/// is the label's. Throws Error if no temperature between 1/100 and 100 gives it.
double matching_temperature(std::span<const float> logits, std::span<const std::int32_t> labels,
                            int classes, double wanted);

/// log of the mean over the rows of omega = sum_j exp(logits_j / T), Eq. 10. Finite for all finite
/// logits.
double log_mean_omega(std::span<const float> logits, int classes, double temperature);

/// The a for which draws from Beta(a, 1) have the mean `wanted` = a / (a + 1).
double matching_beta_a(double wanted);

}  // namespace experiments
