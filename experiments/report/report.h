// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "experiments/analysis/claims.h"
#include "experiments/analysis/results.h"
#include "experiments/plot/plot.h"

namespace experiments {

/// The contents of an experiment's report, beside its runs.
struct Report {
  std::string title;
  std::string setting = {};  // a paragraph: what was trained, on what
  std::string reduced = {};  // how the setting differs from the paper's; empty: it is the paper's
  std::vector<std::pair<std::string, Figure>> figures = {};  // with the stems of their files
  std::vector<JudgedClaim> claims = {};
  const ImageSampling* images = nullptr;  // that the claims were judged with; null: none
  Json about = {};                        // what ran, as in results.json
};

/// Draws the figures (STEM.svg, .png, .gnuplot) and writes the claims (claims.json) and
/// report.html: one file without scripts or anything from elsewhere, with the figures, the claims,
/// the means, reliability diagrams, training curves (from the epochs.csv of directory/RUN, as far
/// as there are any) and what ran.
void write_report(const std::filesystem::path& directory, const Report&,
                  std::span<const FinishedRun>);

/// A run of an experiment that goes on.
struct RunState {
  std::string name;
  Json factors;
  std::string text;  // "interrupted after epoch 3"
};

/// report.html of an experiment that has runs which are not finished: `state` in words, all runs
/// with theirs, means of the finished ones and training curves as far as they have come. Browsers
/// load it again every `refresh` seconds; 0: never.
void write_running_report(const std::filesystem::path& directory, const Report&,
                          const std::string& state, std::span<const RunState>,
                          std::span<const FinishedRun>, int refresh);

}  // namespace experiments
