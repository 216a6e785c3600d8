// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

#include "experiments/training/training.h"

namespace experiments {

/// An interrupted run goes on with what it was begun with, as its last bits depend on that: the
/// kind of device, its arithmetic and libraries, and on the cpu the number of threads.
class Continuation {
 public:
  /// Gives kernels the number of threads of the run in a directory, until destruction, and says so.
  /// Throws Error with the remedy if another number was given or the process may not use as many,
  /// and if the device or its libraries are others.
  Continuation(const std::filesystem::path& directory, const RunOptions&);
  ~Continuation();
  Continuation(const Continuation&) = delete;
  Continuation& operator=(const Continuation&) = delete;

  const Json& provenance() const { return provenance_; }  // the options', with those threads

  /// Throws InUse if since then another process has begun the run or gone on with it. For who
  /// has locked the directory.
  void check_again() const;

 private:
  void take_threads(int begun, const RunOptions&) const;

  std::filesystem::path directory_;
  Json begun_with_, provenance_;
  int threads_before_;
};

}  // namespace experiments
