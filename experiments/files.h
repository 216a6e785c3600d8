// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>

namespace experiments {

/// Writes a whole file under a temporary name beside it, flushes it to the disk and renames it, so
/// that readers see the old file or the new one. Throws Error naming the file and the reason.
void write_file(const std::filesystem::path&, const std::string& text);

std::string read_file(const std::filesystem::path&);  // throws Error if it cannot be read

/// Makes a directory with its parents, and makes sure that files can be written there; throws
/// Error.
void make_writable_directory(const std::filesystem::path&);

}  // namespace experiments
