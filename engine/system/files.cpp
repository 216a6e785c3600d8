// SPDX-License-Identifier: MIT
#include "engine/system/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "engine/system/atomic_file.h"
#include "engine/system/json.h"
#include "engine/system/regular_file.h"
#include "kernels/runtime/system_error.h"

namespace experiments {

using kernels::require_system;

namespace {

constexpr std::size_t longest_json = std::size_t{64} << 20;

}  // namespace

void write_file(const std::filesystem::path& path, const std::string& text) {
  nn::AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

void read_blocks(const std::filesystem::path& path,
                 const std::function<void(std::span<const std::byte>)>& take) try {
  nn::RegularFile file(path);
  std::vector<std::byte> block(1 << 18);
  while (const std::size_t got = file.read(block.data(), block.size()))
    take(std::span(block).first(got));
} catch (const kernels::Error& e) {
  kernels::fail("cannot read {}: {}", path.string(), e.what());
}

std::string read_file(const std::filesystem::path& path, std::size_t most) try {
  return nn::RegularFile(path).read_text(most);
} catch (const kernels::Error& e) {
  kernels::fail("cannot read {}: {}", path.string(), e.what());
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
  nn::make_directories(directory);
  // A file without a name is gone with this process, however that ends.
  int probe = open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (probe < 0) {  // not every file system has such
    std::string name = directory / ".write-test-XXXXXX";
    probe = mkostemp(name.data(), O_CLOEXEC);
    require_system(probe >= 0, "cannot write to {}", directory.c_str());
    unlink(name.c_str());
  }
  close(probe);
}

}  // namespace experiments
