// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

namespace experiments {

/// Holds a lock file for this process until destruction; a killed process holds nothing.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path&);  // throws Error if another one has it
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  static bool taken(const std::filesystem::path&);  // by whichever process

 private:
  int file_;
};

}  // namespace experiments
