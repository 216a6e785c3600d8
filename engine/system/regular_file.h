// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace nn {

/// A file that somebody named, open for reading. Anything but a regular file is refused at once:
/// opening a pipe may wait for ever, and a device may never end. Every failure throws Error with
/// the reason alone: who opens the file says which one it is.
class RegularFile {
 public:
  explicit RegularFile(const std::filesystem::path&);
  ~RegularFile();
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  std::uint64_t size() const { return size_; }  // in bytes, when it was opened

  /// The next `bytes`; fewer only at the end of the file.
  std::size_t read(void* to, std::size_t bytes);
  /// All that is left, which may be no more than `most` bytes.
  std::string read_text(std::size_t most = SIZE_MAX);

  int descriptor() const { return descriptor_; }  // still this object's to close

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
};

}  // namespace nn
