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

enum class Verdict : std::uint8_t { held, not_held, equivalent, undecided };
template <>
inline constexpr auto names_of<Verdict> =
    std::to_array<std::string_view>({"held", "not held", "equivalent", "undecided"});

enum class Claimed : std::uint8_t { greater, smaller, same };

/// What is claimed of `metric` (a key of all_metrics()): that the value of the runs whose factors
/// contain `left` is greater than, smaller than, or the same as that of the runs with `right`. Or,
/// if `with` names another metric, of the rank correlation of the two over the runs of a seed whose
/// factors contain `left`: that it is above 0, or below.
struct Comparison {
  std::string metric;
  Json left, right = {};
  Claimed claimed = Claimed::greater;
  std::string with = {};
};

/// How many of a claim's comparisons must hold.
enum class Needed : std::uint8_t { all, most, one };

struct Claim {
  std::string name;       // for files: "methods_beat_ce"
  std::string statement;  // one sentence: "Every method is more accurate than cross entropy."
  std::string source;     // "Section 7.2, Figure 3"
  std::vector<Comparison> comparisons;
  Needed needed = Needed::all;
};

/// What a difference has to be below, to be none in practice (docs/metrics.md).
/// In the metric's axis unit; none for a metric of which nobody says "the same".
std::optional<double> margin_of(const Metric&, double reference);

struct JudgedComparison {
  Comparison comparison;
  Verdict verdict = Verdict::undecided;
  /// left - right over pairs of runs that differ in nothing else, in the metric's axis unit, or the
  /// correlation over seeds; none if fewer than 2 seeds have values.
  std::optional<Interval> difference = {};
  std::string reason = {};  // what is missing; then the verdict is undecided

  std::optional<double> p_permutation = {};  // of a correlation
  double p = 1, p_holm = 1, p_benjamini_hochberg = 1;
  double adjusted_level = 0.95;               // of the interval that goes with p_holm
  std::optional<double> margin = {};          // of the same
  double p_same = 1, p_same_holm = 1;         // that it is not within the margin
  std::vector<JudgedComparison> beside = {};  // calibration by other measures; no part of the claim

  std::string sides() const;  // "label smoothing against cross entropy, ResNet-8"
  std::string claim() const;  // "higher test accuracy (%)"
};

struct JudgedClaim {
  Claim claim;
  Verdict verdict = Verdict::undecided;
  std::vector<JudgedComparison> comparisons = {};
};

/// Judges an experiment's claims. The interval of a difference is over seeds, and over test images
/// as far as `images` know them. All comparisons together are one family: one is decided if p,
/// adjusted by Holm's procedure over the family, is below 0.05; that of a correlation is the larger
/// of the t test's and the permutation test's. It is then held or not held by its
/// sign, else equivalent if both one-sided tests (adjusted likewise) put it within the margin, else
/// undecided: also with fewer than two pairs, with a run that has no partner or no value, and where
/// the pairs differ in more than the seed (they would not be repeats). One that claims the same is
/// held if it is equivalent, and not held if it is decided and not that.
///
/// A claim is held if as many of its comparisons as it needs are, not held if one is not held (of
/// all), or too few can still be; a claim about all is equivalent if none is undecided. A
/// comparison of test ECE or NLL has beside it the same after temperature scaling, and of debiased
/// ECE; these are a family of their own. Throws Error if there is no such metric.
std::vector<JudgedClaim> judge(std::span<const Claim>, std::span<const FinishedRun>,
                               const ImageSampling* images = nullptr);
JudgedClaim judge(const Claim&, std::span<const FinishedRun>);

/// "With these runs a difference of 0.8 points of test accuracy would have been seen in 80 % of
/// repetitions": for each metric that is compared the median over its comparisons. Empty without
/// any.
std::string power_text(std::span<const JudgedClaim>);

/// Writes claims.json: every claim with its verdict and numbers.
void write_claims(const std::filesystem::path& directory, std::span<const JudgedClaim>,
                  bool over_images);

}  // namespace experiments
