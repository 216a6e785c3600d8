// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace experiments {

namespace {

double log_sum_exp(std::span<const double> x) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double value : x) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

}  // namespace

std::vector<float> mean_teacher(std::span<const float> logits, int teachers, int classes,
                                double temperature) {
  constexpr double most = std::numeric_limits<float>::max();
  const std::size_t size = logits.size() / std::size_t(teachers), width = std::size_t(classes);
  std::vector<float> mean(size);
  std::vector<double> row(width), of_class(std::size_t(teachers) * width);
  for (std::size_t at = 0; at < size; at += width) {
    for (std::size_t k = 0; k < std::size_t(teachers); ++k) {
      for (std::size_t c = 0; c < width; ++c)
        row[c] = double(logits[k * size + at + c]) / temperature;
      const double normaliser = log_sum_exp(row);
      for (std::size_t c = 0; c < width; ++c)
        of_class[c * std::size_t(teachers) + k] = row[c] - normaliser;
    }
    for (std::size_t c = 0; c < width; ++c) {
      const std::span<const double> answers(&of_class[c * std::size_t(teachers)],
                                            std::size_t(teachers));
      const double u = temperature * (log_sum_exp(answers) - std::log(teachers));
      mean[at + c] = float(std::clamp(u, -most, most));
    }
  }
  return mean;
}

std::vector<float> probabilities_of(std::span<const float> logits, int classes,
                                    double temperature) {
  const auto width = std::size_t(classes);
  std::vector<float> probabilities;
  std::vector<double> row(width);
  for (std::size_t at = 0; at < logits.size(); at += width) {
    for (std::size_t c = 0; c < width; ++c) row[c] = double(logits[at + c]) / temperature;
    const double normaliser = log_sum_exp(row);
    for (const double u : row) probabilities.push_back(float(std::exp(u - normaliser)));
  }
  return probabilities;
}

void weigh_by_power_sums(std::span<float> p, std::span<const float> logits, int classes,
                         double temperature) {
  const auto width = std::size_t(classes);
  std::vector<double> weights, u(width);
  double sum = 0;
  for (std::size_t at = 0; at < logits.size(); at += width) {
    std::copy_n(logits.begin() + std::ptrdiff_t(at), width, u.begin());
    const double normaliser = log_sum_exp(u);
    for (double& z : u) z = (z - normaliser) / temperature;
    sum += weights.emplace_back(std::exp(log_sum_exp(u)));
  }
  const double mean = sum / double(weights.size());
  for (std::size_t at = 0; at < p.size(); ++at) p[at] = float(p[at] * weights[at / width] / mean);
}

std::vector<float> mean_predictions(std::span<const float> logits,
                                    std::span<const std::int32_t> row_of,
                                    std::span<const std::int32_t> labels, int rows, int classes) {
  const auto width = std::size_t(classes);
  std::vector<double> sums(std::size_t(rows) * width), u(width);
  std::vector<int> counts(static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < row_of.size(); ++i) {
    std::copy_n(logits.begin() + std::ptrdiff_t(i * width), width, u.begin());
    const auto largest = std::max_element(u.begin(), u.end()) - u.begin();
    if (!labels.empty() && largest != labels[i]) continue;
    const auto row = std::size_t(row_of[i]);
    const double normaliser = log_sum_exp(u);
    for (std::size_t c = 0; c < width; ++c) sums[row * width + c] += std::exp(u[c] - normaliser);
    ++counts[row];
  }
  std::vector<float> table(sums.size());
  for (std::size_t at = 0; at < table.size(); ++at) {
    const int count = counts[at / width];
    table[at] = float(count > 0 ? sums[at] / count : 1.0 / classes);
  }
  return table;
}

}  // namespace experiments
