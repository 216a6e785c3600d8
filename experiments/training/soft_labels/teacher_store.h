// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/values.h"
#include "experiments/training/run_inputs.h"

namespace experiments {

/// What a teacher said of the views of each epoch, in files, for runs that ask it about the same
/// views: other students of it with the same seed. Logits are kept as they were computed, in
/// float32, so that a run has the same bits with the store, without it, and when it goes on.
/// Several processes may use it at once. Nothing that happens to it costs a run more than a line.
class TeacherStore {
 public:
  /// `asked` says all that the answers depend on; they lie in a folder of their own, with it.
  TeacherStore(const KeptAnswers& where, const Json& asked);

  /// The logits of an epoch, counted from 0: `size` numbers. None if they are not there.
  std::optional<std::vector<float>> find(std::uint32_t epoch, std::size_t size);

  /// Keeps those of an epoch, [samples, classes], unless the store would grow beyond its bound.
  void keep(std::uint32_t epoch, const std::vector<float>& logits, int classes);

 private:
  std::filesystem::path file_of(std::uint32_t epoch) const;

  KeptAnswers where_;
  std::filesystem::path folder_;
  std::string asked_;
  bool is_full_ = false;
};

}  // namespace experiments
