// SPDX-License-Identifier: MIT
#include "experiments/metrics/statistics.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/runtime/error.h"

namespace experiments {
namespace {

// P(|T| < t) for t = sqrt(degrees) tan(angle): the finite sums of Abramowitz & Stegun 26.7.3 and
// 26.7.4, exact for whole degrees of freedom.
double central_probability(double angle, int degrees) {
  const double c = std::cos(angle), s = std::sin(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? c : 1, sum = 0;
  for (int j = odd ? 3 : 2; j <= degrees; j += 2) {
    sum += term;
    term *= c * c * (j - 1) / j;
  }
  return odd ? 2 / std::numbers::pi * (angle + s * sum) : s * sum;
}

}  // namespace

double student_t_95(int degrees) {
  kernels::require(degrees >= 1,
                   "statistics: Student's t needs at least 1 degree of freedom, not {}", degrees);
  double low = 0, high = std::numbers::pi / 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (central_probability(middle, degrees) < 0.95 ? low : high) = middle;
  }
  return std::sqrt(degrees) * std::tan(low);
}

Interval interval(std::span<const double> repeats) {
  kernels::require(!repeats.empty(), "statistics: there are no repeats to take the mean of");
  const int n = int(repeats.size());
  Interval result{.count = n};
  for (const double x : repeats) result.mean += x / n;
  if (n == 1) return result;
  double squares = 0;
  for (const double x : repeats) squares += (x - result.mean) * (x - result.mean);
  result.stddev = std::sqrt(squares / (n - 1));
  result.half_width = student_t_95(n - 1) * result.stddev / std::sqrt(n);
  return result;
}

Interval paired_difference(std::span<const double> a, std::span<const double> b) {
  kernels::require(a.size() == b.size(), "statistics: {} repeats cannot be paired with {}",
                   a.size(), b.size());
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  return interval(differences);
}

}  // namespace experiments
