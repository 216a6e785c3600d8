// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

/// Files that a kill, a full disk or a power loss leaves whole: the old ones or the new ones.
namespace nn {

/// Makes what was created, renamed or removed in a directory outlast a power loss. Throws Error if
/// the disk fails; a file system that knows no such thing, or a directory that cannot be opened, is
/// no error.
void flush_directory(const std::filesystem::path&);

/// Makes a directory and those above it that are missing, each on the disk before the next one.
void make_directories(const std::filesystem::path&);

/// Writes all of `bytes` to an open file; throws Error with the file's name and the reason.
void write_all(int file, std::string_view bytes, const std::filesystem::path& name);

/// A new file beside `path`, called PATH.NUMBER.tmp until commit() gives it its name. A process
/// that is killed leaves it; the next one that writes the same path takes it away. It is locked as
/// long as its process lives, so that no file of a live one is taken, wherever that runs; on a file
/// system without locks leftovers stay.
class TemporaryFile {
 public:
  /// Throws Error if it cannot be made, or if `path` is there and no regular file: a rename onto
  /// /dev/null would replace the device itself.
  explicit TemporaryFile(std::filesystem::path);
  ~TemporaryFile();  // without commit() nothing has changed
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int descriptor() const { return file_; }  // for reading and writing
  const std::filesystem::path& path() const { return path_; }
  void commit();  // flushes the file to the disk, renames it, flushes its directory

 private:
  bool open_as(const std::filesystem::path& name);

  std::filesystem::path path_, temporary_;
  int file_ = -1;
  bool committed_ = false;
};

/// Removes the temporary files of `name` in a directory, or of any name if it is empty, whose
/// processes are dead.
void remove_leftovers(const std::filesystem::path& directory, const std::string& name = "");

/// A file that appears whole or not at all. Readers see the old file or the new one. Every failure
/// throws Error with the path and the reason; without commit() nothing changes.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path) : file_(std::move(path)) {}

  void write(const void* bytes, std::size_t size);
  void commit();

 private:
  void write_buffer();

  TemporaryFile file_;
  std::string buffer_;
};

}  // namespace nn
