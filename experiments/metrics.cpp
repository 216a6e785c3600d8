// SPDX-License-Identifier: MIT
#include "experiments/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.h"

namespace experiments {

using kernels::require;

namespace {

Prediction predict_row(std::span<const float> z, int label) {
  const int arg_max = int(std::max_element(z.begin(), z.end()) - z.begin());
  const double top = z[arg_max], own = std::exp(z[label] - top);
  double others = 0;  // of the true class, relative to the largest logit
  double rest = 0;    // of the largest logit
  double moment = 0;
  for (int c = 0; c < int(z.size()); ++c) {
    const double e = std::exp(z[c] - top);
    if (c != label) others += e;
    if (c != arg_max) rest += e;
    moment += e * (top - z[c]);
  }
  // Every sum above has terms of one sign, so nothing cancels, however close p is to 0 or 1.
  const double sum = own + others;
  return {.arg_max = arg_max,
          .correct = arg_max == label,
          .confidence = 1 / (1 + rest),
          .p_true = own / sum,
          .q_true = others / sum,
          .nll = std::log1p(rest) + (top - z[label]),
          .entropy = std::log1p(rest) + moment / (1 + rest)};
}

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

double variance(std::span<const Prediction> predictions, double Prediction::*value) {
  const double n = double(predictions.size());
  double mean = 0, sum = 0;
  for (const auto& p : predictions) mean += p.*value / n;
  for (const auto& p : predictions) sum += (p.*value - mean) * (p.*value - mean);
  return sum / n;
}

}  // namespace

std::vector<Prediction> predict(std::span<const float> logits, std::span<const std::int32_t> labels,
                                int classes) {
  require(classes > 0 && logits.size() == labels.size() * std::size_t(classes),
          "metrics: {} logits do not make {} rows of {} classes", logits.size(), labels.size(),
          classes);
  std::vector<Prediction> predictions;
  predictions.reserve(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * classes, classes);
    for (const float z : row)
      require(std::isfinite(z), "metrics: sample {} has a logit of {}; did training diverge?", i,
              z);
    require(labels[i] >= 0 && labels[i] < classes, "metrics: sample {} has label {} of {} classes",
            i, labels[i], classes);
    predictions.push_back(predict_row(row, labels[i]));
  }
  return predictions;
}

double expected_calibration_error(std::span<const Prediction> predictions, int bins) {
  require(bins > 0, "metrics: the calibration error needs at least 1 bin, not {}", bins);
  require(!predictions.empty(), "metrics: there are no samples");
  std::vector<double> gap(bins);  // correct ones less confidences
  for (const auto& p : predictions) {
    int bin = std::clamp(int(std::ceil(p.confidence * bins)) - 1, 0, bins - 1);
    // The product may have been rounded over the bin's edge.
    if (bin > 0 && p.confidence <= double(bin) / bins) --bin;
    if (bin + 1 < bins && p.confidence > double(bin + 1) / bins) ++bin;
    gap[bin] += double(p.correct) - p.confidence;
  }
  double sum = 0;
  for (const double g : gap) sum += std::abs(g);
  return sum / double(predictions.size());
}

double knn_entropy(std::vector<double> values, int k) {
  const int n = int(values.size());
  require(k >= 1 && k < n, "metrics: {} values have no {}-th nearest neighbours", n, k);
  for (const double v : values) require(std::isfinite(v), "metrics: entropy of a value of {}", v);
  std::sort(values.begin(), values.end());
  return entropy_from(
      neighbour_distances(n, k, [&](int i, int j) { return values[j] - values[i]; }), k);
}

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
  double mean = 0;
  for (const auto& p : predictions) mean += p.p_true / n;
  result.variance = variance(predictions, mean > 0.5 ? &Prediction::q_true : &Prediction::p_true);
  return result;
}

std::optional<double> ConfidenceDiversity::headline() const {
  if (entropy.empty()) return std::nullopt;
  return entropy[std::min<std::size_t>(1, entropy.size() - 1)];  // k = 3 stands second
}

Metrics measure(std::span<const float> logits, std::span<const std::int32_t> labels, int classes,
                int ece_bins) {
  const auto predictions = predict(logits, labels, classes);
  Metrics m;
  m.samples = int(predictions.size());
  m.ece = expected_calibration_error(predictions, ece_bins);
  m.diversity = confidence_diversity(predictions);
  int correct = 0;
  for (const auto& p : predictions) {
    correct += p.correct;
    m.nll += p.nll;
    m.predictive_uncertainty += p.entropy;
    m.mean_p_true += p.p_true;
  }
  m.accuracy = double(correct) / m.samples;
  m.nll /= m.samples;
  m.predictive_uncertainty /= m.samples;
  m.mean_p_true /= m.samples;
  return m;
}

}  // namespace experiments
