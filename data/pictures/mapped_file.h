// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>

#include "engine/system/atomic_file.h"

namespace data {

/// A file in memory, read as it is touched.
class MappedFile {
 public:
  /// Throws Error if it cannot be read or is empty.
  explicit MappedFile(const std::filesystem::path&);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::uint8_t> bytes() const { return {at_, size_}; }

 private:
  const std::uint8_t* at_ = nullptr;
  std::size_t size_ = 0;
};

/// A file of a known size that is made in memory and appears whole or not at all: the room on the
/// disk is taken at once under a temporary name beside it, which commit() flushes and renames.
class MappedOutput {
 public:
  /// Throws Error if there is no room or no permission.
  MappedOutput(std::filesystem::path, std::size_t size);
  ~MappedOutput();
  MappedOutput(const MappedOutput&) = delete;
  MappedOutput& operator=(const MappedOutput&) = delete;

  std::span<std::uint8_t> bytes() const { return {at_, size_}; }  // zero at first
  void commit();

 private:
  nn::TemporaryFile file_;
  std::size_t size_;
  std::uint8_t* at_ = nullptr;
};

}  // namespace data
