// SPDX-License-Identifier: MIT
#include "experiments/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "kernels/error.h"
#include "nn/atomic_file.h"
#include "nn/json.h"

namespace experiments {
namespace {

using kernels::require;

constexpr std::size_t longest_json = std::size_t{64} << 20;

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

}  // namespace

void write_file(const std::filesystem::path& path, const std::string& text) {
  nn::AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

std::string read_file(const std::filesystem::path& path, std::size_t most) {
  const auto check = [&](bool ok, int reason) {
    require(ok, "cannot read {}: {}", path.string(), std::strerror(reason));
  };
  // Without waiting for a pipe's other end.
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  check(file.number >= 0, errno);
  struct stat about {};
  const bool known = fstat(file.number, &about) == 0;
  check(known, errno);
  check(!S_ISDIR(about.st_mode), EISDIR);
  require(S_ISREG(about.st_mode), "cannot read {}: it is not a regular file", path.string());
  std::string text;
  char block[1 << 16];
  while (true) {
    const ssize_t got = read(file.number, block, sizeof block);
    check(got >= 0, errno);
    if (got == 0) return text;
    text.append(block, std::size_t(got));
    require(text.size() <= most, "cannot read {}: it is longer than {} bytes", path.string(), most);
  }
}

nlohmann::ordered_json read_json(const std::filesystem::path& path, const std::string& remedy) {
  const std::string text = read_file(path, longest_json);
  try {
    return nn::parse_json<nlohmann::ordered_json>(text);
  } catch (const kernels::Error& e) {
    kernels::fail("{} is not sound JSON: {}{}{}", path.string(), e.what(),
                  remedy.empty() ? "" : "; ", remedy);
  }
}

void make_writable_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  require(!error, "cannot make the directory {}: {}", directory.string(), error.message());
  const auto probe = directory / fmt::format(".write-test-{}", getpid());
  write_file(probe, "");
  std::filesystem::remove(probe, error);
}

}  // namespace experiments
