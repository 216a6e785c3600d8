// SPDX-License-Identifier: MIT
#pragma once
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

}  // namespace experiments
