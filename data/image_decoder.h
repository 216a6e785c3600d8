// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>

namespace data {

/// A picture of three channels, [height, width, 3]; grey ones have them equal.
struct Picture {
  int height, width;
  std::unique_ptr<std::uint8_t, void (*)(void*)> rgb;
};

/// Reads a JPEG, PNG, BMP or PNM file, whatever its name, by stb_image. Transparency and the
/// orientation of EXIF are ignored. Throws Error with the file and the fact: unreadable, empty, not
/// such a file, damaged as far as its format shows it, truncated, or of more than 100 million
/// pixels, as damaged headers claim.
Picture read_picture(const std::filesystem::path&);

/// Whether a file's name ends as those of pictures do.
bool has_picture_name(const std::filesystem::path&);

}  // namespace data
