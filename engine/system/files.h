// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

namespace experiments {

/// Writes a whole file under a temporary name beside it, flushes it to the disk and renames it, so
/// that readers see the old file or the new one. Throws Error naming the file and the reason.
void write_file(const std::filesystem::path&, const std::string& text);

/// Throws Error if it cannot be read, is no regular file (a pipe would be waited for), or is longer
/// than `most` bytes.
std::string read_file(const std::filesystem::path&, std::size_t most = SIZE_MAX);

/// Hands over a file's bytes in turn, in blocks of a multiple of 8 bytes, the last one shorter.
/// Throws Error as read_file does; one that `take` throws gets the file's name in front.
void read_blocks(const std::filesystem::path&,
                 const std::function<void(std::span<const std::byte>)>& take);

/// The JSON in a file of at most 64 MiB. Throws Error naming the file, what is wrong with it (see
/// engine/system/json.h) and the remedy, if one is given: "remove its directory to run again".
nlohmann::ordered_json read_json(const std::filesystem::path&, const std::string& remedy = "");

/// Makes a directory with its parents, and makes sure that files can be written there; throws
/// Error.
void make_writable_directory(const std::filesystem::path&);

}  // namespace experiments
