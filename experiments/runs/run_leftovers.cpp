// SPDX-License-Identifier: MIT
#include "experiments/runs/run_leftovers.h"

#include <cstdio>

#include "engine/system/atomic_file.h"
#include "engine/system/file_lock.h"
#include "experiments/runs/run_directory.h"
#include "kernels/runtime/system_error.h"

namespace experiments {

namespace fs = std::filesystem;

void take_final_weights(const fs::path& directory) {
  const fs::path from = directory / run_files::final_weights, to = directory / run_files::last;
  if (!fs::exists(from)) return;
  kernels::require_system(rename(from.c_str(), to.c_str()) == 0, "cannot write {}", to.c_str());
  nn::flush_directory(directory);
}

void remove_dead_copy(const fs::path& copy) try {
  if (!fs::exists(copy)) return;
  const FileLock lock(copy / run_files::lock);
  fs::remove_all(copy);
} catch (const std::exception&) {  // it is someone else's, or cannot be removed
}

void settle(const fs::path& directory) try {
  nn::remove_leftovers(directory);
  const fs::path weights = directory / run_files::final_weights;
  if (!fs::exists(weights)) return;
  const FileLock lock(directory / run_files::lock);
  take_final_weights(directory);
} catch (const InUse&) {  // by the process that does it
}

}  // namespace experiments
