// SPDX-License-Identifier: MIT
#include "data/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kernels/error.h"

namespace data {

namespace fs = std::filesystem;
using kernels::require;

MappedFile::MappedFile(const fs::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  const bool known = file >= 0 && fstat(file, &about) == 0;
  void* at = MAP_FAILED;
  if (known && about.st_size > 0)
    at = mmap(nullptr, std::size_t(about.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  const int reason = errno;
  if (file >= 0) close(file);  // the mapping stays
  require(known, "{} cannot be read: {}", path.string(), std::strerror(reason));
  require(about.st_size > 0, "{} is empty", path.string());
  require(at != MAP_FAILED, "{} cannot be mapped: {}", path.string(), std::strerror(reason));
  at_ = static_cast<const std::uint8_t*>(at);
  size_ = std::size_t(about.st_size);
}

MappedFile::~MappedFile() { munmap(const_cast<std::uint8_t*>(at_), size_); }

MappedOutput::MappedOutput(fs::path path, std::size_t size)
    : path_(std::move(path)),
      // Two processes may make the same file; each makes it whole, the last one's stays.
      temporary_(path_.string() + fmt::format(".{}.tmp", getpid())),
      size_(size),
      file_(open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  const auto check = [this](bool ok, int reason) {
    if (ok) return;
    discard();
    kernels::fail("cannot write {}, which takes {:.1f} MB: {}", path_.string(), double(size_) / 1e6,
                  std::strerror(reason));
  };
  check(file_ >= 0, errno);
  // A sparse file would end the process by a signal where the disk is full.
  const int allocated = posix_fallocate(file_, 0, off_t(size));
  check(allocated == 0, allocated);
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  check(at != MAP_FAILED, errno);
  at_ = static_cast<std::uint8_t*>(at);
}

MappedOutput::~MappedOutput() { discard(); }

void MappedOutput::discard() noexcept {
  if (at_ != nullptr) munmap(at_, size_);
  if (file_ < 0) return;
  close(file_);
  if (!committed_) unlink(temporary_.c_str());
}

void MappedOutput::commit() {
  require(msync(at_, size_, MS_SYNC) == 0 && fsync(file_) == 0 &&
              rename(temporary_.c_str(), path_.c_str()) == 0,
          "cannot write {}: {}", path_.string(), std::strerror(errno));
  committed_ = true;
}

}  // namespace data
