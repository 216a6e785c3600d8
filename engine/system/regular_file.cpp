// SPDX-License-Identifier: MIT
#include "engine/system/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kernels/runtime/error.h"

namespace nn {

using kernels::fail;

namespace {

/// The reason why a file cannot be read; null if there is none.
const char* obstacle(mode_t mode) {
  if (S_ISREG(mode)) return nullptr;
  if (S_ISDIR(mode)) return "it is a directory, not a regular file";
  if (S_ISFIFO(mode)) return "it is a pipe, not a regular file";
  if (S_ISSOCK(mode)) return "it is a socket, not a regular file";
  return "it is a device, not a regular file";
}

}  // namespace

RegularFile::RegularFile(const std::filesystem::path& path) {
  // The system would take what stands before it for the name.
  if (path.native().find('\0') != std::string::npos) fail("there is a NUL byte in its name");
  // Looked at before it is opened, as opening a device may do something; and after, as a pipe may
  // have taken its place, for which an opening that does not block does not wait.
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) fail("{}", std::strerror(errno));
  if (const char* reason = obstacle(about.st_mode)) fail("{}", reason);
  descriptor_ = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ < 0) fail("{}", std::strerror(errno));
  const char* reason =
      fstat(descriptor_, &about) == 0 ? obstacle(about.st_mode) : std::strerror(errno);
  if (reason != nullptr) {
    close(descriptor_);
    fail("{}", reason);
  }
  size_ = std::uint64_t(about.st_size);
}

RegularFile::~RegularFile() { close(descriptor_); }

std::size_t RegularFile::read(void* to, std::size_t bytes) {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got = ::read(descriptor_, static_cast<char*>(to) + done, bytes - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("{}", std::strerror(errno));
    if (got == 0) break;
    done += std::size_t(got);
  }
  return done;
}

std::string RegularFile::read_text(std::size_t most) {
  constexpr std::size_t block = std::size_t{1} << 18;
  std::string text;
  for (std::size_t got = block; got == block;) {
    const std::size_t before = text.size();
    text.resize(before + block);
    got = read(text.data() + before, block);
    text.resize(before + got);
    kernels::require(text.size() <= most, "it is longer than {} bytes", most);
  }
  return text;
}

}  // namespace nn
