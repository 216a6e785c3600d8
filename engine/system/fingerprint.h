// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace experiments {

/// 64-bit FNV-1a over 8-byte words and then the bytes left over, as 16 hexadecimal digits: tells
/// data sets and weight files apart, no protection against intent. `before` continues a
/// fingerprint.
std::string fingerprint(std::span<const std::byte>, const std::string& before = "");

/// Of a file's bytes. Throws Error if it cannot be read.
std::string file_fingerprint(const std::filesystem::path&);

}  // namespace experiments
