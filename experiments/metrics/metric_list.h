// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/system/values.h"
#include "experiments/metrics/metrics.h"

namespace experiments {

/// The samples that a run is measured on; bits, as a row of the list can be for several.
enum Samples : std::uint8_t { on_test = 1, on_validation = 2, on_train = 4, of_teacher = 8 };

/// A number of Metrics. JSON, the table for people, the columns of results.csv and the axes of
/// figures are all made from these rows. A new number is a field of Metrics, the line of measure()
/// that computes it, and a row.
struct MetricRow {
  enum class Section : std::uint8_t { general, calibration, scaled, diversity };
  enum class Unit : std::uint8_t { share, number, small };  // 12.34 %, 0.1234, 1.234e-05

  std::string_view json;    // "calibration.mce": where it is in JSON; empty: nowhere
  std::string_view column;  // "mce": in results.csv, behind "test_"
  std::string_view title;   // "{} ECE (%)": on an axis; {} is "test", "validation" or "training"
  std::string_view label;   // "ECE, {} bins": in the table; empty: it has no line of its own
  Section section;
  Unit unit;
  Range range;           // what the formula can give
  unsigned samples;      // for which a run has the column
  bool required = true;  // false: JSON may lack it although its section is there
  std::optional<double> (*get)(const Metrics&) = nullptr;
  void (*set)(Metrics&, double) = nullptr;
};
std::span<const MetricRow> metric_rows();

}  // namespace experiments
