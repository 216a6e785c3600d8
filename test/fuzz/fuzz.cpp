// SPDX-License-Identifier: MIT
#include "test/fuzz/fuzz.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "kernels/runtime/error.h"

namespace fuzz {

namespace fs = std::filesystem;

namespace {
std::size_t accepted = 0;
}

std::size_t times_accepted() { return accepted; }

void check(bool ok, std::string_view should_hold) {
  if (ok) return;
  std::fprintf(stderr, "does not hold: %.*s\n", int(should_hold.size()), should_hold.data());
  std::abort();
}

bool accepts(const std::string& about, const std::function<void()>& read) try {
  read();
  ++accepted;
  return true;
} catch (const kernels::Error& error) {
  const std::string_view message = error.what();
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(message, is_control) || message.find(about) == std::string_view::npos)
    check(false, fmt::format("this is one line that names {}: {}", about, message));
  return false;
}

File::File() : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
  check(descriptor_ >= 0, "there is memory for a file");
  path_ = fmt::format("/proc/self/fd/{}", descriptor_);
}

File::~File() { close(descriptor_); }

const fs::path& File::holding(Input input) {
  check(ftruncate(descriptor_, 0) == 0 &&
            pwrite(descriptor_, input.data(), input.size(), 0) == ssize_t(input.size()),
        "there is memory for a file");
  return path_;
}

Directory::Directory() {
  std::string name = (fs::temp_directory_path() / "softlabel-fuzz-XXXXXX").string();
  check(mkdtemp(name.data()) != nullptr, "a temporary directory can be made");
  path_ = name;
}

Directory::~Directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Directory::write(const std::string& name, Input input) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream out(path_ / name, std::ios::binary);
  out.write(reinterpret_cast<const char*>(input.data()), std::streamsize(input.size()));
  check(out.flush().good(), "a temporary file can be written");
}

std::vector<Input> parts_of(Input input, std::size_t count) {
  constexpr std::string_view line = "==\n";
  std::vector<Input> parts;
  while (parts.size() + 1 < count) {
    const auto end = std::search(input.begin(), input.end(), line.begin(), line.end());
    const auto size = std::size_t(end - input.begin());
    parts.push_back(input.first(size));
    input = input.subspan(std::min(size + line.size(), input.size()));
  }
  parts.push_back(input);
  return parts;
}

std::size_t mutate_range(std::vector<std::uint8_t>& bytes, std::size_t begin, std::size_t end,
                         std::size_t room) {
  std::vector<std::uint8_t> part(bytes.begin() + std::ptrdiff_t(begin),
                                 bytes.begin() + std::ptrdiff_t(end));
  part.resize(end - begin + room);
  if (part.empty()) return end;
  part.resize(LLVMFuzzerMutate(part.data(), end - begin, part.size()));
  const auto behind =
      bytes.erase(bytes.begin() + std::ptrdiff_t(begin), bytes.begin() + std::ptrdiff_t(end));
  bytes.insert(behind, part.begin(), part.end());
  return begin + part.size();
}

std::size_t mutate_safetensors(std::uint8_t* data, std::size_t size, std::size_t most,
                               unsigned seed) {
  std::uint64_t length = 0;
  constexpr std::size_t header = sizeof length;
  if (size >= header) std::memcpy(&length, data, header);
  if (size < header || length > size - header || seed % 16 == 0)
    return LLVMFuzzerMutate(data, size, most);
  std::vector<std::uint8_t> bytes(data, data + size);
  std::size_t end = header + length;
  if (seed % 4 == 0) {
    mutate_range(bytes, end, size, most - size);
  } else {
    end = mutate_range(bytes, header, end, most - size);
  }
  length = end - header;
  std::memcpy(bytes.data(), &length, header);
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

}  // namespace fuzz
