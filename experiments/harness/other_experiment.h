// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "experiments/analysis/results.h"
#include "experiments/runs/config.h"

namespace experiments {

/// The runs of another experiment, to compare with, and how they are factored (`like`: factors of
/// any of them). From its directory, where a run must have the configuration that `expected` gives
/// for its factors, unless that gives none; or from its results.csv, without a look at
/// configurations. Empty if its results have no such factors. Throws Error if there are none, or if
/// a run is not finished or of another setting.
std::vector<FinishedRun> read_experiment(
    const std::filesystem::path& directory_or_table, const Json& like,
    const std::function<std::optional<RunConfig>(const Json& factors)>& expected);

}  // namespace experiments
