// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <vector>

#include "experiments/metrics/predictions.h"

/// How far confidences are from shares of right answers; see docs/metrics.md for sources and traps.
namespace experiments {

/// A bar of a reliability diagram: the samples whose confidence falls into one bin. The means are 0
/// where there are none.
struct ReliabilityBin {
  int count = 0;
  double confidence = 0, accuracy = 0;
};

/// The bin (b / bins, (b + 1) / bins] of a probability; exactly 0 falls into the first.
int bin_of(double probability, int bins);

/// The samples in each such bin of the confidence.
std::vector<ReliabilityBin> equal_width_bins(std::span<const Prediction>, int bins);

/// Bins of n / bins samples each in the order of their confidence. Equal confidences stay in one
/// bin, so that the order of the samples does not matter; bins can then be larger, and fewer.
std::vector<ReliabilityBin> equal_mass_bins(std::span<const Prediction>, int bins);

/// sum_b count_b / n |accuracy_b - confidence_b|: ECE of bins of equal width, adaptive ECE of bins
/// of equal mass.
double expected_calibration_error(std::span<const ReliabilityBin>);

/// ECE less its bias, for bins of equal width: a bin's accuracy is off by chance, and the absolute
/// value adds that up. By the second estimator of Kumar et al. 2019, for the ECE: 2 ECE - E[ECE of
/// accuracies that are normal about those seen, of variance accuracy (1 - accuracy) / count]; the
/// mean of |normal| has a closed form. May fall below 0 where the ECE is near it.
double debiased_calibration_error(std::span<const ReliabilityBin>);

/// The largest |accuracy_b - confidence_b| of bins that have samples.
double maximum_calibration_error(std::span<const ReliabilityBin>);

/// The mean over the classes c of the ECE of p_c as the confidence in "it is class c", over all
/// samples, with bins of equal width.
double classwise_calibration_error(const LabelledLogits&, int bins);

constexpr double lowest_temperature = 0.01, highest_temperature = 100;

/// The T that minimises the mean NLL of softmax(logits / T), within the two limits above: the
/// lowest where every sample is right, the highest where the network is no better than chance.
double fit_temperature(const LabelledLogits&);

}  // namespace experiments
