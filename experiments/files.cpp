// SPDX-License-Identifier: MIT
#include "experiments/files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "kernels/error.h"
#include "nn/atomic_file.h"

namespace experiments {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

}  // namespace

void write_file(const std::filesystem::path& path, const std::string& text) {
  nn::AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

std::string read_file(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "rb"));
  std::string text;
  char block[1 << 16];
  while (file) {
    const std::size_t got = std::fread(block, 1, sizeof block, file.get());
    text.append(block, got);
    if (std::ferror(file.get())) break;
    if (got == 0) return text;
  }
  kernels::fail("cannot read {}: {}", path.string(), std::strerror(errno));
}

void make_writable_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  kernels::require(!error, "cannot make the directory {}: {}", directory.string(), error.message());
  const auto probe = directory / fmt::format(".write-test-{}", getpid());
  write_file(probe, "");
  std::filesystem::remove(probe, error);
}

}  // namespace experiments
