// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace data {

/// The bytes of a PNG file of pixels [height, width, channels]: grey, grey and alpha, RGB, or RGBA.
/// Throws Error where libpng fails, which it does for lack of memory alone.
std::string png_of(std::span<const std::uint8_t> pixels, int height, int width, int channels);

}  // namespace data
