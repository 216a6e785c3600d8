// SPDX-License-Identifier: MIT
#include "data/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kernels/runtime/error.h"
#include "kernels/runtime/system_error.h"

namespace data {

namespace fs = std::filesystem;
using kernels::require;
using kernels::require_system;

MappedFile::MappedFile(const fs::path& path) try : path_(path), file_(path) {
  require(file_.size() > 0, "it is empty");
  void* at = mmap(nullptr, file_.size(), PROT_READ, MAP_PRIVATE, file_.descriptor(), 0);
  require_system(at != MAP_FAILED, "it cannot be mapped");
  at_ = static_cast<const std::uint8_t*>(at);
} catch (const kernels::Error& e) {
  kernels::fail("{} cannot be read: {}", path.string(), e.what());
}

MappedFile::~MappedFile() { munmap(const_cast<std::uint8_t*>(at_), file_.size()); }

void MappedFile::read(std::size_t at, std::span<std::uint8_t> to) const {
  for (std::size_t done = 0; done < to.size();) {
    const ssize_t got =
        pread(file_.descriptor(), to.data() + done, to.size() - done, off_t(at + done));
    if (got < 0 && errno == EINTR) continue;
    require_system(got >= 0, "{} cannot be read", path_.c_str());
    require(got > 0, "{} has become shorter than the {} bytes that it had", path_.string(),
            file_.size());
    done += std::size_t(got);
  }
}

void MappedFile::will_read(std::size_t at, std::size_t size) const noexcept {
  posix_fadvise(file_.descriptor(), off_t(at), off_t(size), POSIX_FADV_WILLNEED);
}

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
