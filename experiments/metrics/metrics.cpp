// SPDX-License-Identifier: MIT
#include "experiments/metrics/metrics.h"

namespace experiments {

namespace {

double mean(std::span<const Prediction> predictions, double Prediction::*value) {
  double sum = 0;
  for (const auto& p : predictions) sum += p.*value;
  return sum / double(predictions.size());
}

/// The share of samples whose label is among the five classes with the largest logits, of equals
/// the first, as Prediction has it.
std::optional<double> top5_accuracy(const LabelledLogits& outputs) {
  const auto& [logits, labels, classes] = outputs;
  if (classes <= 5) return std::nullopt;
  int among = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto z = logits.subspan(i * std::size_t(classes), std::size_t(classes));
    int before = 0;
    for (int c = 0; c < classes; ++c) {
      const float own = z[std::size_t(labels[i])], other = z[std::size_t(c)];
      before += other > own || (other == own && c < labels[i]) ? 1 : 0;
    }
    among += before < 5 ? 1 : 0;
  }
  return double(among) / double(labels.size());
}

}  // namespace

Metrics measure(const LabelledLogits& outputs, int bins) {
  const auto predictions = predict(outputs);
  const auto ece_of = [&](int count) {
    return expected_calibration_error(equal_width_bins(predictions, count));
  };
  Calibration c{.bins = bins, .reliability = equal_width_bins(predictions, bins)};
  c.ece_10 = ece_of(10);
  c.ece_20 = ece_of(20);
  c.adaptive_ece = expected_calibration_error(equal_mass_bins(predictions, bins));
  c.classwise_ece = classwise_calibration_error(outputs, bins);
  c.debiased_ece = debiased_calibration_error(c.reliability);
  c.mce = maximum_calibration_error(c.reliability);

  Metrics m;
  m.samples = int(predictions.size());
  for (const auto& p : predictions) m.accuracy += p.correct;
  m.accuracy /= m.samples;
  m.top5_accuracy = top5_accuracy(outputs);
  m.nll = mean(predictions, &Prediction::nll);
  m.brier = mean(predictions, &Prediction::brier);
  m.ece = expected_calibration_error(c.reliability);
  m.calibration = std::move(c);
  m.predictive_uncertainty = mean(predictions, &Prediction::entropy);
  m.mean_p_true = mean(predictions, &Prediction::p_true);
  m.diversity = confidence_diversity(predictions);
  return m;
}

TemperatureScaled measure_scaled(const LabelledLogits& measured, const LabelledLogits& held_out,
                                 int bins) {
  TemperatureScaled scaled{.temperature = fit_temperature(held_out)};
  if (scaled.at_bound()) return scaled;
  const auto predictions = predict(measured, scaled.temperature);
  scaled.nll = mean(predictions, &Prediction::nll);
  scaled.ece = expected_calibration_error(equal_width_bins(predictions, bins));
  return scaled;
}

}  // namespace experiments
