// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <vector>

#include "experiments/metrics/calibration.h"
#include "experiments/metrics/confidence_diversity.h"
#include "experiments/metrics/predictions.h"

/// Measurements of a classifier, in double from f32 logits; see docs/metrics.md for the formulas.
namespace experiments {

struct Calibration {
  int bins = 15;                  // of everything but the two next ones
  double ece_10 = 0, ece_20 = 0;  // with 10 and 20 bins
  double adaptive_ece = 0, classwise_ece = 0, mce = 0;
  std::optional<double> debiased_ece = {};
  std::vector<ReliabilityBin> reliability = {};  // of equal width
};

/// NLL and ECE of logits that are divided by a temperature fitted on other samples. A temperature
/// at a bound of the search is not the best one, which lies beyond; its NLL and ECE would depend on
/// the bound, so there are none.
struct TemperatureScaled {
  double temperature = 1;
  std::optional<double> nll = {}, ece = {};  // none at a bound

  bool at_lowest() const { return temperature <= lowest_temperature; }
  bool at_highest() const { return temperature >= highest_temperature; }
  bool at_bound() const { return at_lowest() || at_highest(); }
};

/// Results of early versions lack the optional members.
struct Metrics {
  int samples = 0;
  double accuracy = 0;                       // in [0, 1]
  std::optional<double> top5_accuracy = {};  // none of five classes and fewer
  double nll = 0;                            // mean, nats
  std::optional<double> brier = {};
  double ece = 0;  // with calibration->bins
  std::optional<Calibration> calibration = {};
  std::optional<TemperatureScaled> scaled = {};  // only where measure_scaled was asked
  double predictive_uncertainty = 0;             // mean entropy (Eq. 4), nats
  double mean_p_true = 0;
  ConfidenceDiversity diversity;
};
Metrics measure(const LabelledLogits&, int bins = 15);

/// The temperature is fitted on `held_out`, then applied to `measured` unless it is at a bound.
TemperatureScaled measure_scaled(const LabelledLogits& measured, const LabelledLogits& held_out,
                                 int bins = 15);

}  // namespace experiments
