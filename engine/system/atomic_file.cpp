// SPDX-License-Identifier: MIT
#include "engine/system/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "kernels/runtime/system_error.h"

namespace nn {

namespace fs = std::filesystem;
using kernels::require_system;

namespace {

constexpr std::string_view temporary_ending = ".tmp";
constexpr std::size_t buffered = std::size_t{1} << 20;

/// Of `file`, or of any if that is empty: FILE.NUMBER.tmp.
bool is_temporary(std::string_view name, std::string_view file) {
  if (!name.ends_with(temporary_ending) || !name.starts_with(file)) return false;
  name.remove_suffix(temporary_ending.size());
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos || (!file.empty() && dot != file.size())) return false;
  const std::string_view number = name.substr(dot + 1);
  return dot > 0 && !number.empty() && number.find_first_not_of("0123456789") == number.npos;
}

/// Whether `name` is still the name of an open file.
bool is_name_of(const fs::path& name, int file) {
  struct stat here {
  }, there{};
  return fstat(file, &here) == 0 && lstat(name.c_str(), &there) == 0 &&
         here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

void flush_directory(const fs::path& directory) {
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  const int reason = fsync(file) == 0 ? 0 : errno;
  close(file);
  const bool failed = reason == EIO || reason == ENOSPC || reason == EDQUOT;
  kernels::require(!failed, "cannot write the directory {}: {}", directory.string(),
                   std::strerror(reason));
}

void make_directories(const fs::path& directory) {
  std::error_code error;
  if (directory.empty() || fs::is_directory(directory, error)) return;
  const fs::path above = directory.parent_path();
  if (!fs::exists(above, error)) make_directories(above);
  if (!directory.has_filename()) return;  // it ends in '/'
  const bool made = mkdir(directory.c_str(), 0777) == 0;
  require_system(made || (errno == EEXIST && fs::is_directory(directory, error)),
                 "cannot make the directory {}", directory.c_str());
  flush_directory(directory_of(directory));
}

void write_all(int file, std::string_view bytes, const fs::path& name) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    require_system(written >= 0, "cannot write {}", name.c_str());
    bytes.remove_prefix(std::size_t(written));
  }
}

void remove_leftovers(const fs::path& directory, const std::string& name) {
  std::error_code error;  // what cannot be read or removed stays
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path path = entry->path();
    if (!is_temporary(path.filename().native(), name)) continue;
    const int file = open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) continue;
    if (flock(file, LOCK_EX | LOCK_NB) == 0 && is_name_of(path, file)) unlink(path.c_str());
    close(file);
  }
}

TemporaryFile::TemporaryFile(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  const auto type = fs::status(path_, error).type();
  kernels::require(type == fs::file_type::not_found || type == fs::file_type::regular || error,
                   "cannot write {}: it exists and is not a regular file", path_.string());
  remove_leftovers(directory_of(path_), path_.filename());
  // Processes of two machines may have one number.
  for (int number = getpid();
       !open_as(fmt::format("{}.{}{}", path_.string(), number, temporary_ending));)
    ++number;
}

/// False if another process has the name.
bool TemporaryFile::open_as(const fs::path& name) {
  const int file = open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  require_system(file >= 0 || errno == EEXIST, "cannot write {}", path_.c_str());
  if (file < 0) return false;
  // Before it is locked another process may take it for a leftover: it has the lock, or it is done.
  const bool taken = flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (taken || !is_name_of(name, file)) {
    close(file);
    return false;
  }
  temporary_ = name;
  file_ = file;
  return true;
}

TemporaryFile::~TemporaryFile() {
  if (!committed_) unlink(temporary_.c_str());
  close(file_);
}

void TemporaryFile::commit() {
  require_system(fsync(file_) == 0, "cannot write {}", path_.c_str());
  require_system(rename(temporary_.c_str(), path_.c_str()) == 0, "cannot write {}", path_.c_str());
  committed_ = true;
  flush_directory(directory_of(path_));
}

void AtomicFile::write(const void* bytes, std::size_t size) {
  buffer_.append(static_cast<const char*>(bytes), size);
  if (buffer_.size() >= buffered) write_buffer();
}

void AtomicFile::write_buffer() {
  write_all(file_.descriptor(), buffer_, file_.path());
  buffer_.clear();
}

void AtomicFile::commit() {
  write_buffer();
  file_.commit();
}

}  // namespace nn
