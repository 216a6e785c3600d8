// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>

#include "engine/system/atomic_file.h"
#include "engine/system/regular_file.h"

namespace data {

/// A file in memory, read as it is touched.
class MappedFile {
 public:
  /// Throws Error if it cannot be read or is empty.
  explicit MappedFile(const std::filesystem::path&);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::uint8_t> bytes() const { return {at_, file_.size()}; }
  const std::filesystem::path& path() const { return path_; }

  /// Reads a part of it past the mapping. Throws Error if the file has become shorter.
  void read(std::size_t at, std::span<std::uint8_t> to) const;
  void will_read(std::size_t at, std::size_t size) const noexcept;  // the system may fetch it

 private:
  std::filesystem::path path_;
  nn::RegularFile file_;
  const std::uint8_t* at_ = nullptr;
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
