// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "data/pictures/picture_formats.h"
#include "kernels/runtime/error.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_GIF
#define STBI_FAILURE_USERMSG
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace data {
namespace {

using kernels::fail;
using kernels::require;

/// Where the first picture of a GIF is.
struct Gif {
  std::int64_t width = 0, height = 0;           // of the whole
  std::int64_t own_width = 0, own_height = 0;   // of the first picture in it
  std::size_t end = 0;                          // of the first picture
  std::vector<std::size_t> control_flags = {};  // of the extensions before it
};

/// Goes through the blocks up to the end of the first picture: stb_image takes what is missing for
/// the end, and so reads what is truncated.
Gif parse(PictureBytes bytes) {
  const auto byte = [&](std::size_t at) {
    require(at < bytes.size(), "is truncated");
    return bytes[at];
  };
  const auto number = [&](std::size_t at) { return byte(at) | byte(at + 1) << 8; };
  const auto table_size = [&](std::size_t flags_at) {
    const int flags = byte(flags_at);
    return (flags & 0x80) != 0 ? std::size_t{6} << (flags & 7) : 0;
  };
  const auto behind_blocks = [&](std::size_t at) {  // each with its size before it, the last is 0
    while (const std::size_t size = byte(at)) at += 1 + size;
    return at + 1;
  };

  Gif gif{.width = number(6), .height = number(8)};
  std::size_t at = 13 + table_size(10);
  constexpr int extension = 0x21, picture = 0x2C, end = 0x3B, graphic_control = 0xF9;
  for (int kind; (kind = byte(at)) != picture;) {
    require(kind != end, "is a GIF without a picture");
    require(kind == extension, "is damaged: a block of the unknown kind {}", kind);
    if (byte(at + 1) == graphic_control && byte(at + 2) == 4) gif.control_flags.push_back(at + 3);
    at = behind_blocks(at + 2);
  }
  gif.own_width = number(at + 5);
  gif.own_height = number(at + 7);
  require(gif.own_width > 0 && gif.own_height > 0, "is a GIF without a picture");
  gif.end = behind_blocks(at + 11 + table_size(at + 9));  // after the size of codes, its blocks
  return gif;
}

}  // namespace

PictureHeader gif_header(PictureBytes bytes) {
  const Gif gif = parse(bytes);
  PictureHeader header{.width = gif.width, .height = gif.height};
  // stb_image keeps four bytes a pixel twice, one once, and makes three of them in the end; then
  // there are the tables, and a copy of the file.
  header.memory = header.width * header.height * 12 + 100'000 + std::int64_t(gif.end);
  constexpr double most_shrunk = 4096 / 1.5;  // a code of 12 bits stands for up to 4,096 pixels
  // Of the whole, though the first picture may be a part of it: what is no more than a claim takes
  // memory too.
  const auto pixels = std::max(header.width * header.height, gif.own_width * gif.own_height);
  header.least_bytes = double(pixels) / most_shrunk;
  return header;
}

void decode_gif(PictureBytes bytes, const PictureHeader& header, std::uint8_t* rgb) {
  const Gif gif = parse(bytes);
  std::vector<std::uint8_t> opaque(bytes.begin(), bytes.begin() + std::ptrdiff_t(gif.end));
  // Transparent pixels have a colour too, which stb_image does not tell.
  for (const std::size_t flags : gif.control_flags) opaque[flags] &= std::uint8_t(~1);
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, decltype(&std::free)> pixels(
      stbi_load_from_memory(opaque.data(), int(opaque.size()), &width, &height, &channels, 3),
      &std::free);
  if (pixels == nullptr) fail("is damaged: {}", stbi_failure_reason());
  std::copy_n(pixels.get(), header.width * header.height * 3, rgb);
}

}  // namespace data
