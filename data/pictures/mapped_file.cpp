// SPDX-License-Identifier: MIT
#include "data/pictures/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/system/regular_file.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/system_error.h"

namespace data {

namespace fs = std::filesystem;
using kernels::require;
using kernels::require_system;

MappedFile::MappedFile(const fs::path& path) try {
  const nn::RegularFile file(path);  // the mapping stays when it is closed
  require(file.size() > 0, "it is empty");
  void* at = mmap(nullptr, file.size(), PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  require_system(at != MAP_FAILED, "it cannot be mapped");
  at_ = static_cast<const std::uint8_t*>(at);
  size_ = file.size();
} catch (const kernels::Error& e) {
  kernels::fail("{} cannot be read: {}", path.string(), e.what());
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
