// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

#include "kernels/runtime/error_type.h"

namespace experiments {

/// Another process has what this one wants.
struct InUse : kernels::Error {
  using Error::Error;
};

/// Holds a lock file for this process until destruction; a killed process holds nothing.
class FileLock {
 public:
  /// Throws InUse if another has it, Error if the file cannot be opened or locked.
  explicit FileLock(const std::filesystem::path&);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  static bool taken(const std::filesystem::path&);  // by whichever process

 private:
  int file_;
};

}  // namespace experiments
