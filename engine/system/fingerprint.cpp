// SPDX-License-Identifier: MIT
#include "engine/system/fingerprint.h"

#include <fmt/format.h>

#include <cstring>

#include "engine/system/files.h"

namespace experiments {

std::string fingerprint(std::span<const std::byte> bytes, const std::string& before) {
  constexpr std::uint64_t prime = 0x100000001B3, start = 0xCBF29CE484222325;
  std::uint64_t hash = before.empty() ? start : std::stoull(before, nullptr, 16);
  const auto mix = [&hash](std::uint64_t value) { hash = (hash ^ value) * prime; };
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    mix(word);
    hash ^= hash >> 32;  // multiplication alone carries nothing from high bits to low ones
  }
  for (; i < bytes.size(); ++i) mix(std::uint64_t(bytes[i]));
  return fmt::format("{:016x}", hash);
}

std::string file_fingerprint(const std::filesystem::path& path) {
  std::string print = fingerprint({});
  // A block is whole 8-byte words but for the last one, so that this is the fingerprint of it all.
  read_blocks(path,
              [&print](std::span<const std::byte> block) { print = fingerprint(block, print); });
  return print;
}

}  // namespace experiments
