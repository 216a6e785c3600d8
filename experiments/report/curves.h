// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/analysis/results.h"
#include "experiments/plot/plot.h"

/// Curves of figures from results: means over repeats with intervals and single runs, in the
/// axis's unit.
namespace experiments {

/// A metric against a factor that all runs have.
Curve curve_of(std::span<const FinishedRun>, std::string_view factor, const Metric&,
               std::string label = "");

/// A point on the x axis and the runs that it shows: those whose factors contain `factors`.
struct Point {
  double x;
  Json factors;
};
/// Throws Error if the runs at a point differ in more than the seed, or there are none.
Curve curve_through(std::span<const FinishedRun>, const std::vector<Point>&, const Metric&,
                    std::string label = "");

/// A metric and what a panel calls it.
struct Titled {
  std::string_view metric, title;
};
inline constexpr Titled accuracy_and_ece[] = {{"test_accuracy", "Test accuracy"},
                                              {"test_ece", "Expected calibration error"}};
inline constexpr Titled accuracy_to_ece[] = {
    {"test_accuracy", "Test accuracy"}, {"test_nll", "Test NLL"}, {"test_ece", "Test ECE"}};
/// Of predictions on clean training images.
inline constexpr Titled uncertainty_to_variance[] = {
    {"train_predictive_uncertainty", "Uncertainty of the teacher"},
    {"train_confidence_diversity", "Diversity of the teacher"},
    {"train_confidence_variance", "Var(c) of the teacher"}};

/// A panel for each metric, with what `curves` makes of it.
Figure figure_of(std::string title, const std::string& x_label, std::span<const Titled>,
                 const std::function<std::vector<Curve>(const Metric&)>& curves);

}  // namespace experiments
