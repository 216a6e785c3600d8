// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "experiments/analysis/claims.h"
#include "experiments/analysis/results.h"
#include "experiments/report/plot.h"

namespace experiments {

/// The contents of an experiment's report, beside its runs.
struct Report {
  std::string title;
  std::string setting = {};  // a paragraph: what was trained, on what
  std::string reduced = {};  // how the setting differs from the paper's; empty: it is the paper's
  std::vector<std::pair<std::string, Figure>> figures = {};  // with the stems of their files
  std::vector<JudgedClaim> claims = {};
  Json about = {};  // what ran, as in results.json
};

/// Draws the figures (STEM.svg, .png, .gnuplot) and writes the claims (claims.json) and
/// report.html: one file without scripts or anything from elsewhere, with the figures, the claims,
/// the means, reliability diagrams, training curves (from the epochs.csv of directory/RUN, as far
/// as there are any) and what ran.
void write_report(const std::filesystem::path& directory, const Report&,
                  std::span<const FinishedRun>);

}  // namespace experiments
