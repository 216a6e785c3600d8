// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/run_directory.h"
#include "experiments/statistics.h"

/// What an experiment's runs gave: tables, means over seeds, curves.
namespace experiments {

/// A finished run with its place in the experiment: {"seed": 0, "generation": 2}.
struct Measured {
  std::string name;
  Json factors;
  RunResult result;
};

/// Factors for people: "method sd, generation 2".
std::string text_of(const Json& factors);

/// The runs whose factors contain `some`.
bool contains(const Json& factors, const Json& some);
std::vector<Measured> select(std::span<const Measured>, const Json& some);

/// A number that figures and tables show.
struct Quantity {
  std::string_view key;                           // in tables
  std::string_view title;                         // on an axis, with the unit
  double scale;                                   // from the table's unit to the axis's
  std::optional<double> (*of)(const RunResult&);  // none: -infinity, or not measured
};
std::span<const Quantity> quantities();
const Quantity& quantity(std::string_view key);

/// Runs that differ by their seed only, in the order of their first appearance.
struct Repeats {
  Json factors;  // without the seed
  std::vector<const Measured*> runs;

  /// None if any of them has no value: a mean over the others would mislead.
  std::optional<Interval> interval_of(const Quantity&) const;
};
std::vector<Repeats> group_repeats(std::span<const Measured>);

/// Writes results.json (`about`, every run, the means with intervals), results.csv (a row for each
/// run) and summary.csv (a row for each group of repeats).
void write_results(const std::filesystem::path& directory, const Json& about,
                   std::span<const Measured>);

}  // namespace experiments
