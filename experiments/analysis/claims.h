// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/analysis/results.h"
#include "experiments/metrics/statistics.h"

/// Statements of the paper about which runs are better, judged on the runs at hand.
namespace experiments {

enum class Verdict : std::uint8_t { held, not_held, undecided };
template <>
inline constexpr auto names_of<Verdict> = std::to_array<std::string_view>({"held", "not held",
                                                                           "undecided"});

/// Claimed: `metric` (a key of all_metrics()) of the runs whose factors contain `left` is greater
/// (or smaller) than that of the runs whose factors contain `right`.
struct Comparison {
  std::string metric;
  Json left, right;
  bool greater = true;
};

/// All of the comparisons must hold.
struct Claim {
  std::string name;       // for files: "methods_beat_ce"
  std::string statement;  // one sentence: "Every method is more accurate than cross entropy."
  std::string source;     // "Figure 3"
  std::vector<Comparison> comparisons;
};

struct JudgedComparison {
  Comparison comparison;
  Verdict verdict = Verdict::undecided;
  /// left - right over pairs of runs that differ in nothing else, in the metric's axis unit; none
  /// if fewer than 2 pairs have values.
  std::optional<Interval> difference = {};
  std::string reason = {};  // what is missing; then the verdict is undecided
};

struct JudgedClaim {
  Claim claim;
  Verdict verdict = Verdict::undecided;
  std::vector<JudgedComparison> comparisons = {};
};

/// A comparison is held if the whole 95 % t interval of the paired difference is on the claimed
/// side of 0, not held if it is wholly on the other side, undecided otherwise: also with fewer than
/// two pairs, with a run that has no partner or no value, and where the pairs differ in more than
/// the seed (they would not be repeats). A claim is held if all its comparisons are, not held if
/// any is not, undecided otherwise. Throws Error if there is no such metric.
JudgedClaim judge(const Claim&, std::span<const FinishedRun>);
std::vector<JudgedClaim> judge(std::span<const Claim>, std::span<const FinishedRun>);

/// Writes claims.json: every claim with its verdict and numbers.
void write_claims(const std::filesystem::path& directory, std::span<const JudgedClaim>);

}  // namespace experiments
