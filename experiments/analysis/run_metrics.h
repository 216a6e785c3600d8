// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "experiments/runs/run_directory.h"

namespace experiments {

/// A number of a finished run that figures and tables show: one of metric_rows() on some samples,
/// or what the run has solved for.
struct Metric {
  std::string key;                                            // in tables, "test_accuracy"
  std::string title;                                          // on an axis, with the unit
  double scale;                                               // from the table's unit to the axis's
  std::function<std::optional<double>(const RunResult&)> of;  // none: -infinity, or not measured
  std::function<void(RunResult&, double)> set;                // NaN: not measured
  Range range;                                                // of its values

  bool is_share() const { return scale == 100; }  // on the axis in percent
  Range range_on_axis() const { return from(scale * range.least, scale * range.most); }
};
std::span<const Metric> all_metrics();
const Metric& metric(std::string_view key);  // throws Error if there is none

}  // namespace experiments
