// SPDX-License-Identifier: MIT
#include "kernels/beta_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector_math.h"
#include "kernels/runtime/philox.h"

namespace kernels {
namespace {

float sum_exp(const float* z, int begin, int end, float z_max) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int c = begin; c < end; ++c) sum += exp_nonpositive(z[c] - z_max);
  return sum;
}

/// log(p / (1 - p)) of the class that ranks the row: in the order of p, but still different where p
/// itself rounds to 1. Where that is not a number, the lowest.
float confidence(const BetaLabels& op, int row) {
  const float* z = op.logits + std::size_t(row) * op.classes;
  const float z_max = largest(z, op.classes);
  const int c = op.ranking == BetaRanking::true_class_probability
                    ? op.label[row]
                    : int(std::find(z, z + op.classes, z_max) - z);
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  if (c < 0 || c >= op.classes) return lowest;
  const float others = sum_exp(z, 0, c, z_max) + sum_exp(z, c + 1, op.classes, z_max);
  const float log_odds = (z[c] - z_max) - std::log(others);
  return std::isnan(log_odds) ? lowest : log_odds;
}

}  // namespace

void run(Cpu, const BetaLabels& op) {
  const std::uint32_t step = op.step->step;
  for (int j = 0; j < op.rows; ++j) {
    const double u = to_unit(random_words(op.seed, Purpose::beta_labels, step, j)[0]);
    op.b[j] = float(std::pow(u, 1 / double(op.a)));
  }
  if (op.ranking == BetaRanking::random) return;

  std::vector<float> draws(op.b, op.b + op.rows);
  std::sort(draws.begin(), draws.end());
  if (op.ranking == BetaRanking::reversed) std::reverse(draws.begin(), draws.end());
  std::vector<std::pair<float, int>> ranked(op.rows);  // equal confidences go by row
#pragma omp parallel for schedule(static) if (std::size_t(op.rows) * op.classes >= parallel_from)
  for (int row = 0; row < op.rows; ++row) ranked[row] = {confidence(op, row), row};
  std::sort(ranked.begin(), ranked.end());
  for (int k = 0; k < op.rows; ++k) op.b[ranked[k].second] = draws[k];
}

}  // namespace kernels
