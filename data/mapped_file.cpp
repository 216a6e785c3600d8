// SPDX-License-Identifier: MIT
#include "data/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kernels/system_error.h"

namespace data {

namespace fs = std::filesystem;
using kernels::require;
using kernels::require_system;

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

MappedOutput::MappedOutput(fs::path path, std::size_t size) : file_(std::move(path)), size_(size) {
  const auto check = [this](bool ok, int reason) {
    require(ok, "cannot write {}, which takes {:.1f} MB: {}", file_.path().string(),
            double(size_) / 1e6, std::strerror(reason));
  };
  // A sparse file would end the process by a signal where the disk is full.
  const int allocated = posix_fallocate(file_.descriptor(), 0, off_t(size));
  check(allocated == 0, allocated);
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.descriptor(), 0);
  check(at != MAP_FAILED, errno);
  at_ = static_cast<std::uint8_t*>(at);
}

MappedOutput::~MappedOutput() { munmap(at_, size_); }

void MappedOutput::commit() {
  require_system(msync(at_, size_, MS_SYNC) == 0, "cannot write {}", file_.path().c_str());
  file_.commit();
}

}  // namespace data
