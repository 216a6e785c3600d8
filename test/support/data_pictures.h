// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

/// Picture files for tests.
namespace test {

enum class PictureKind { jpeg, png, bmp };

/// The bytes of a picture file, by stb_image_write; pixels are [height, width, channels].
std::string picture_file(PictureKind, int width, int height, int channels,
                         const std::vector<std::uint8_t>& pixels);

/// A JPEG of three channels of one colour.
std::string plain_jpeg(int side, std::uint8_t value);

/// A JPEG of a single channel, which stb_image_write does not make; `side` is a multiple of 8.
std::string grey_jpeg(int side, std::uint8_t value);

/// The head of a JPEG of a single channel of that size, before its compressed data.
std::string jpeg_header(int width, int height);

}  // namespace test
