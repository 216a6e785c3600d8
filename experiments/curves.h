// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/plot.h"
#include "experiments/results.h"

/// Curves of figures from results: means over repeats with intervals and single runs, in the
/// axis's unit.
namespace experiments {

/// A quantity against a factor that all runs have.
Curve curve_of(std::span<const Measured>, std::string_view factor, const Quantity&,
               std::string label = "");

/// A place on the x axis and the runs that it shows: those whose factors contain `factors`.
struct Point {
  double x;
  Json factors;
};
/// Throws Error if the runs at a point differ in more than the seed, or there are none.
Curve curve_through(std::span<const Measured>, const std::vector<Point>&, const Quantity&,
                    std::string label = "");

}  // namespace experiments
