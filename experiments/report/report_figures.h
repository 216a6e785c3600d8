// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "experiments/analysis/claims.h"
#include "experiments/analysis/results.h"
#include "experiments/plot/plot.h"

/// The figures that every experiment's report has beside its own: one panel for each group of
/// repeats. No panels where there is nothing to show.
namespace experiments {

/// Accuracy against confidence on test data; the bins of the repeats are put together.
Figure reliability_figure(std::span<const FinishedRun>);

/// The differences of the claims, a forest plot for each metric: 95 % intervals, thin the ones
/// adjusted over all comparisons, grey what counts as the same.
Figure forest_figure(std::span<const JudgedClaim>);

/// A line for each run, from directory/RUN/epochs.csv.
Figure accuracy_by_epoch(const std::filesystem::path& directory, std::span<const FinishedRun>);
Figure loss_by_epoch(const std::filesystem::path& directory, std::span<const FinishedRun>);

}  // namespace experiments
