// SPDX-License-Identifier: MIT
#include "experiments/metrics/confidence_diversity.h"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"

namespace experiments {

using kernels::require;

namespace {

/// Distance of each of n points in ascending order to its k-th nearest neighbour; distance(i, j) is
/// asked for i <= j. The nearest k + 1 points are neighbours in the order, and their window only
/// ever moves up.
template <class Distance>
std::vector<double> neighbour_distances(int n, int k, Distance distance) {
  std::vector<double> r(n);
  for (int i = 0, first = 0; i < n; ++i) {
    first = std::max(first, i - k);
    while (first + k + 1 < n && distance(i, first + k + 1) < distance(first, i)) ++first;
    r[i] = std::max(distance(first, i), distance(i, first + k));
  }
  return r;
}

double entropy_from(const std::vector<double>& distances, int k) {
  const int n = int(distances.size());
  double h = std::log(2.0);
  for (int j = k; j < n; ++j) h += 1.0 / j;  // psi(n) - psi(k)
  double log_sum = 0;
  for (const double r : distances) log_sum += std::log(r);
  return h + log_sum / n;
}

/// Vasicek's estimate from n points in ascending order.
template <class Distance>
double spacing_entropy(int n, int m, Distance distance) {
  double log_sum = 0;
  for (int i = 0; i < n; ++i)
    log_sum += std::log(distance(std::max(i - m, 0), std::min(i + m, n - 1)));
  return log_sum / n + std::log(n / (2.0 * m));
}

std::vector<double> ascending(std::vector<double> values) {
  for (const double v : values) require(std::isfinite(v), "metrics: entropy of a value of {}", v);
  std::sort(values.begin(), values.end());
  return values;
}

double variance(std::span<const Prediction> predictions, double Prediction::*value) {
  const double n = double(predictions.size());
  double mean = 0, sum = 0;
  for (const auto& p : predictions) mean += p.*value / n;
  for (const auto& p : predictions) sum += (p.*value - mean) * (p.*value - mean);
  return sum / n;
}

}  // namespace

double knn_entropy(std::vector<double> values, int k) {
  const int n = int(values.size());
  require(k >= 1 && k < n, "metrics: {} values have no {}-th nearest neighbours", n, k);
  const auto x = ascending(std::move(values));
  return entropy_from(neighbour_distances(n, k, [&](int i, int j) { return x[j] - x[i]; }), k);
}

double vasicek_entropy(std::vector<double> values, int m) {
  const int n = int(values.size());
  require(m >= 1 && m < n, "metrics: {} values have no spacings of {}", n, m);
  const auto x = ascending(std::move(values));
  return spacing_entropy(n, m, [&](int i, int j) { return x[j] - x[i]; });
}

int vasicek_spacing(int n) { return int(std::lround(std::sqrt(n))); }

ConfidenceDiversity confidence_diversity(std::span<const Prediction> predictions) {
  const int n = int(predictions.size());
  require(n > 0, "metrics: there are no samples");

  // Ascending in c. Below 1/2 a point is known by c, above by 1 - c: each keeps its small end
  // exact.
  struct Point {
    double tail;
    bool high;
  };
  std::vector<Point> points(n);
  for (int i = 0; i < n; ++i) {
    const bool high = predictions[i].p_true > 0.5;
    points[i] = {high ? predictions[i].q_true : predictions[i].p_true, high};
  }
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    if (a.high != b.high) return b.high;
    return a.high ? a.tail > b.tail : a.tail < b.tail;
  });
  const auto distance = [&](int i, int j) {
    const Point &a = points[i], &b = points[j];
    if (a.high == b.high) return std::abs(a.tail - b.tail);
    return (0.5 - a.tail) + (0.5 - b.tail);
  };

  ConfidenceDiversity result;
  result.all_equal = distance(0, n - 1) == 0;
  for (const int k : {1, 3, 5, 10}) {
    if (k >= n) break;
    const auto r = neighbour_distances(n, k, distance);
    const auto ties = std::count(r.begin(), r.end(), 0.0);
    result.k.push_back(k);
    result.entropy.push_back(ties ? std::nullopt : std::optional(entropy_from(r, k)));
    if (k <= 3) result.tie_share = double(ties) / n;
  }
  if (n > 1) {
    result.spacing = vasicek_spacing(n);
    const double h = spacing_entropy(n, result.spacing, distance);
    if (std::isfinite(h)) result.vasicek = h;
  }
  double mean = 0;
  for (const auto& p : predictions) mean += p.p_true / n;
  result.variance = variance(predictions, mean > 0.5 ? &Prediction::q_true : &Prediction::p_true);
  return result;
}

std::optional<double> ConfidenceDiversity::headline() const {
  std::size_t best = k.size();
  for (std::size_t i = 0; i < k.size(); ++i)
    if (k[i] <= 3 && (best == k.size() || k[i] > k[best])) best = i;
  return best == k.size() ? std::nullopt : entropy[best];
}

}  // namespace experiments
