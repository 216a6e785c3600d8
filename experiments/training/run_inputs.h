// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <vector>

namespace experiments {

struct RunConfig;

/// Where a teacher's answers are kept (teacher_store.h), and how much of them; an empty root:
/// nowhere.
struct KeptAnswers {
  std::filesystem::path root = {};
  double most_bytes = 0;
};

/// Files that a run reads beside its data set; empty: none.
struct RunInputs {
  std::filesystem::path teacher = {};                      // weights; for loss sd
  std::filesystem::path weights = {};                      // to start from
  std::vector<std::filesystem::path> teacher_logits = {};  // for loss sd, in the teacher's place
  std::filesystem::path labels = {};                       // probabilities; for loss soft
  KeptAnswers kept_answers = {};                           // changes no number of a run
};

/// Throws Error unless they are what such a run reads, and all of it.
void check_inputs(const RunConfig&, const RunInputs&);

}  // namespace experiments
