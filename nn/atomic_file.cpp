// SPDX-License-Identifier: MIT
#include "nn/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kernels/error.h"

namespace nn {

namespace {

void check(bool ok, const std::filesystem::path& path) {
  kernels::require(ok, "cannot write {}: {}", path.string(), std::strerror(errno));
}

/// A rename is on the disk once its directory is. Not every file system can do that, and the file
/// itself is safe by then, so a refusal is no error.
void flush_directory(const std::filesystem::path& file) {
  const std::filesystem::path directory = file.has_parent_path() ? file.parent_path() : ".";
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(fmt::format("{}.{}.tmp", path_.string(), getpid())) {
  std::error_code error;
  const auto type = std::filesystem::status(path_, error).type();
  // A rename onto /dev/null would replace the device itself.
  kernels::require(type == std::filesystem::file_type::not_found ||
                       type == std::filesystem::file_type::regular || error,
                   "cannot write {}: it exists and is not a regular file", path_.string());
  file_ = std::fopen(temporary_.c_str(), "wbe");
  check(file_ != nullptr, path_);
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  std::fclose(file_);
  std::remove(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, std::size_t size) {
  check(size == 0 || std::fwrite(bytes, 1, size, file_) == size, path_);
}

void AtomicFile::commit() {
  check(std::fflush(file_) == 0 && fsync(fileno(file_)) == 0, path_);
  check(std::rename(temporary_.c_str(), path_.c_str()) == 0, path_);
  std::fclose(std::exchange(file_, nullptr));
  flush_directory(path_);
}

}  // namespace nn
