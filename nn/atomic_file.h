// SPDX-License-Identifier: MIT
#pragma once
#include <cstdio>
#include <filesystem>

namespace nn {

/// A file that appears whole or not at all: written as PATH.PID.tmp, flushed to the disk and
/// renamed by commit(). Readers see the old file or the new one; a full disk or a kill costs
/// neither. Every failure throws Error with the path and the reason; without commit() nothing
/// changes.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* bytes, std::size_t size);
  void commit();

 private:
  std::filesystem::path path_, temporary_;
  std::FILE* file_;  // null once committed
};

}  // namespace nn
