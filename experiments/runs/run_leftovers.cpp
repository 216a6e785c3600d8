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
  const fs::path from = directory / final_weights_name, to = directory / "last.safetensors";
  if (!fs::exists(from)) return;
  kernels::require_system(rename(from.c_str(), to.c_str()) == 0, "cannot write {}", to.c_str());
  nn::flush_directory(directory);
}

void remove_dead_copy(const fs::path& copy) try {
  if (!fs::exists(copy)) return;
  const FileLock lock(copy / run_lock_name);
  fs::remove_all(copy);
} catch (const std::exception&) {  // it is someone else's, or cannot be removed
}

void settle(const fs::path& directory) try {
  nn::remove_leftovers(directory);
  const fs::path weights = directory / final_weights_name;
  if (!fs::exists(weights)) return;
  const FileLock lock(directory / run_lock_name);
  take_final_weights(directory);
} catch (const InUse&) {  // by the process that does it
}

}  // namespace experiments
