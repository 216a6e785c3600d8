// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "experiments/runs/run_directory.h"

namespace experiments {

/// A number that figures and tables show.
struct Metric {
  std::string_view key;                           // in tables
  std::string_view title;                         // on an axis, with the unit
  double scale;                                   // from the table's unit to the axis's
  std::optional<double> (*of)(const RunResult&);  // none: -infinity, or not measured
};
std::span<const Metric> all_metrics();
const Metric& metric(std::string_view key);  // throws Error if there is none

}  // namespace experiments
