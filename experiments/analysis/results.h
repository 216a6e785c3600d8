// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/analysis/run_metrics.h"
#include "experiments/analysis/table.h"
#include "experiments/metrics/statistics.h"
#include "experiments/runs/run_directory.h"

/// The results of an experiment's runs: tables, means over seeds, curves.
namespace experiments {

/// What the choice of test images adds to the variance of a group's means (image_sampling.h).
struct OverImages {
  int images = 0;
  std::map<std::string, double, std::less<>> variance;  // by metric's key, in the table's unit
};

/// A finished run with its place in the experiment: {"seed": 0, "generation": 2}.
struct FinishedRun {
  std::string name;
  Json factors;
  RunResult result;
  OverImages over_images = {};  // of its group, as far as it is known
};

/// The runs whose factors contain `some`.
bool contains(const Json& factors, const Json& some);
std::vector<FinishedRun> select(std::span<const FinishedRun>, const Json& some);

/// Runs that differ by their seed only, in the order of their first appearance.
struct SeedGroup {
  Json factors;  // without the seed
  std::vector<const FinishedRun*> runs;

  /// Over seeds and, as far as the runs know them, test images. None if any of them has no value: a
  /// mean over the others would mislead.
  std::optional<Interval> interval_of(const Metric&) const;
};
std::vector<SeedGroup> seed_groups(std::span<const FinishedRun>);

struct ImageSampling;  // image_sampling.h

/// How a group of repeats differs from those of another method with the same settings, over pairs
/// of runs with the same seed.
struct Difference {
  const Metric* metric;
  Json factors;         // of the group, without the seed
  std::string against;  // the other group's method
  Interval interval;    // of the group's value less the other's, in the table's unit
  double p, p_holm, p_benjamini_hochberg;  // adjusted over all differences of the metric
};

/// Against cross entropy (method "ce") and label smoothing ("ls"), for each group with a factor
/// "method", where the experiment has such a group whose other factors the group shares (it may
/// have more: {"method": "sd", "strength": 0.1} is compared with {"method": "ce"}). Left out where
/// a pair lacks a value. Intervals are over seeds and, as far as `images` know them, test images.
std::vector<Difference> paired_differences(std::span<const FinishedRun>,
                                           const ImageSampling* images = nullptr);

inline constexpr const char* results_file = "results.json";

/// Writes results.json (`about`, every run, the means with intervals, the differences), results.csv
/// (a row for each run), summary.csv (a row for each group of repeats), differences.csv (a row
/// for each paired difference and metric: quantity, factors, against, mean, low, high, p, p_holm,
/// p_benjamini_hochberg, effect_size, seeds; of a single seed nothing but the mean) and, if there
/// are `images`, images.csv.
void write_results(const std::filesystem::path& directory, const Json& about,
                   std::span<const FinishedRun>, const ImageSampling* images = nullptr);

/// The runs of a results.csv, whose factors are of the types that those of `like` have, some runs
/// of the experiment: all that each of these has, and no others. What the table has no column for
/// was not measured. Throws Error, naming file, line and column, on a value that no run can have.
std::vector<FinishedRun> read_results(const std::filesystem::path& csv, std::span<const Json> like);

}  // namespace experiments
