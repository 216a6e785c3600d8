// SPDX-License-Identifier: MIT
#include "experiments/metrics/calibration.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/runtime/error.h"

namespace experiments {

using kernels::require;

namespace {

/// Sums while they are gathered, means in the end.
struct BinSums {
  int count = 0;
  double confidence = 0, correct = 0;

  void add(double its_confidence, bool is_correct) {
    ++count;
    confidence += its_confidence;
    correct += is_correct;
  }
  ReliabilityBin means() const {
    if (count == 0) return {};
    return {count, confidence / count, correct / count};
  }
};

void check(std::size_t samples, int bins) {
  require(bins > 0, "metrics: the calibration error needs at least 1 bin, not {}", bins);
  require(samples > 0, "metrics: there are no samples");
}

}  // namespace

int bin_of(double p, int bins) {
  int bin = std::clamp(int(std::ceil(p * bins)) - 1, 0, bins - 1);
  // The product may have been rounded over the bin's edge.
  if (bin > 0 && p <= double(bin) / bins) --bin;
  if (bin + 1 < bins && p > double(bin + 1) / bins) ++bin;
  return bin;
}

std::vector<ReliabilityBin> equal_width_bins(std::span<const Prediction> predictions, int bins) {
  check(predictions.size(), bins);
  std::vector<BinSums> sums(static_cast<std::size_t>(bins));
  for (const auto& p : predictions)
    sums[std::size_t(bin_of(p.confidence, bins))].add(p.confidence, p.correct);
  std::vector<ReliabilityBin> result;
  for (const BinSums& s : sums) result.push_back(s.means());
  return result;
}

std::vector<ReliabilityBin> equal_mass_bins(std::span<const Prediction> predictions, int bins) {
  check(predictions.size(), bins);
  std::vector<Prediction> sorted(predictions.begin(), predictions.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Prediction& a, const Prediction& b) { return a.confidence < b.confidence; });
  std::vector<ReliabilityBin> result;
  const std::size_t n = sorted.size();
  for (std::size_t b = 1, i = 0; b <= std::size_t(bins); ++b) {
    BinSums sums;
    const std::size_t end = n * b / std::size_t(bins);
    for (;
         i < n && (i < end || (sums.count > 0 && sorted[i].confidence == sorted[i - 1].confidence));
         ++i) {
      sums.add(sorted[i].confidence, sorted[i].correct);
    }
    if (sums.count > 0) result.push_back(sums.means());
  }
  return result;
}

double expected_calibration_error(std::span<const ReliabilityBin> bins) {
  double sum = 0, samples = 0;
  for (const ReliabilityBin& b : bins) {
    sum += b.count * std::abs(b.accuracy - b.confidence);
    samples += b.count;
  }
  return sum / samples;
}

double debiased_calibration_error(std::span<const ReliabilityBin> bins) {
  double sum = 0, samples = 0;
  for (const ReliabilityBin& b : bins) {
    if (b.count == 0) continue;
    samples += b.count;
    const double gap = std::abs(b.accuracy - b.confidence);
    const double spread = std::sqrt(std::max(0.0, b.accuracy * (1 - b.accuracy)) / b.count);
    if (spread == 0) {
      sum += b.count * gap;
      continue;
    }
    const double z = gap / spread;
    const double folded = spread * std::sqrt(2 / std::numbers::pi) * std::exp(-z * z / 2) +
                          gap * std::erf(z / std::numbers::sqrt2);
    sum += b.count * (2 * gap - folded);
  }
  return sum / samples;
}

double maximum_calibration_error(std::span<const ReliabilityBin> bins) {
  double largest = 0;
  for (const ReliabilityBin& b : bins)
    largest = std::max(largest, std::abs(b.accuracy - b.confidence));
  return largest;
}

double classwise_calibration_error(const LabelledLogits& outputs, int bins) {
  check(outputs.labels.size(), bins);
  const auto classes = std::size_t(outputs.classes), n = outputs.labels.size();
  std::vector<double> gap(classes * std::size_t(bins));  // right ones less probabilities
  for (std::size_t i = 0; i < n; ++i) {
    const std::vector<double> p = softmax(outputs.logits.subspan(i * classes, classes));
    for (std::size_t c = 0; c < classes; ++c)
      gap[c * std::size_t(bins) + std::size_t(bin_of(p[c], bins))] +=
          double(c == std::size_t(outputs.labels[i])) - p[c];
  }
  double total = 0;
  for (const double g : gap) total += std::abs(g);
  return total / double(n * classes);
}

namespace {

/// Of the mean NLL of softmax(b z) by b. With b = 1/T it is mean(log sum_c exp(b z_c) - b z_y), the
/// first term convex in b and the second linear: the slope mean(E[z] - z_y) rises, at the rate
/// mean(Var[z]), and is zero at one place at most (unless every row is constant).
struct Slope {
  double value = 0, rate = 0;
};

Slope nll_slope(const LabelledLogits& outputs, double b) {
  const auto classes = std::size_t(outputs.classes), n = outputs.labels.size();
  Slope slope;
  for (std::size_t i = 0; i < n; ++i) {
    const auto z = outputs.logits.subspan(i * classes, classes);
    const double top = *std::max_element(z.begin(), z.end());
    double sum = 0, first = 0, second = 0;  // moments of z - top
    for (std::size_t c = 0; c < classes; ++c) {
      const double d = z[c] - top, e = std::exp(b * d);
      sum += e;
      first += e * d;
      second += e * d * d;
    }
    const double mean = first / sum;
    slope.value += (mean - (z[std::size_t(outputs.labels[i])] - top)) / double(n);
    slope.rate += (second / sum - mean * mean) / double(n);
  }
  return slope;
}

}  // namespace

double fit_temperature(const LabelledLogits& outputs) {
  require(!outputs.labels.empty(), "metrics: there are no samples to fit a temperature on");
  double low = 1 / highest_temperature, high = 1 / lowest_temperature, b = 1;
  if (nll_slope(outputs, low).value >= 0) return highest_temperature;
  if (nll_slope(outputs, high).value <= 0) return lowest_temperature;
  // Newton's steps, and the middle of what is left (on the scale of log T) where one would leave
  // it.
  while (high - low > 1e-14 * high) {
    const Slope slope = nll_slope(outputs, b);
    (slope.value < 0 ? low : high) = b;
    const double newton = b - slope.value / slope.rate;
    if (std::abs(newton - b) <= 1e-12 * b) break;
    b = newton > low && newton < high ? newton : std::sqrt(low * high);
  }
  return 1 / b;
}

}  // namespace experiments
