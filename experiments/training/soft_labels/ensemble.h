// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace experiments {

/// What several teachers say together: logits u of which softmax(u / T) is the mean of their
/// softmax(u_k / T). `logits` are the teachers' [rows, classes] one after the other. Computed in
/// double by logarithms, so that no probability is too small.
std::vector<float> mean_teacher(std::span<const float> logits, int teachers, int classes,
                                double temperature);

/// softmax(u / T) of each row of logits u, [rows, classes].
std::vector<float> probabilities_of(std::span<const float> logits, int classes, double temperature);

/// Multiplies each row of probabilities p, the softmax(u / T) of logits u [rows, classes], by
/// WTTM's weight sum_c softmax(u)_c^(1/T) over the mean of that over the rows.
void weigh_by_power_sums(std::span<float> p, std::span<const float> logits, int classes,
                         double temperature);

/// A table [rows, classes]: in each row the mean of softmax(u) over those of the logits u
/// [n, classes] that `row_of` [n] gives to it, in double. With `labels` [n], if there are any, only
/// over those whose largest logit, the first of equals, is the label's. Uniform where there are
/// none.
std::vector<float> mean_predictions(std::span<const float> logits,
                                    std::span<const std::int32_t> row_of,
                                    std::span<const std::int32_t> labels, int rows, int classes);

}  // namespace experiments
