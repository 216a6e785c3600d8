// SPDX-License-Identifier: MIT
#include "engine/system/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kernels/runtime/system_error.h"

namespace experiments {

namespace {

bool is_regular(int file) {
  struct stat about {};
  return fstat(file, &about) == 0 && S_ISREG(about.st_mode);
}

// A directory that is empty may just now be replaced by another process: nothing can be made in the
// old one then, and in the new one it can.
int open_or_make(const char* path) {
  constexpr int attempts = 10;
  int file = -1;
  for (int i = 0; i < attempts && file < 0 && (i == 0 || errno == ENOENT); ++i)
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
  return file;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) : file_(open_or_make(path.c_str())) {
  kernels::require_system(file_ >= 0, "cannot open {}", path.c_str());
  if (!is_regular(file_)) {
    close(file_);
    kernels::fail("{} is no regular file and cannot be a lock: remove it", path.string());
  }
  if (flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  close(file_);
  if (reason != EWOULDBLOCK)
    kernels::fail("cannot lock {}: {}; choose a directory on a file system that has locks",
                  path.string(), std::strerror(reason));
  throw InUse(path.parent_path().string() +
              " is in use by another process: wait for it, or choose another directory");
}

FileLock::~FileLock() { close(file_); }

bool FileLock::taken(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  // Shared: NFS gives no exclusive lock of a file that is open for reading only.
  const bool taken =
      is_regular(file) && flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(file);
  return taken;
}

}  // namespace experiments
