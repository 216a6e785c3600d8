// SPDX-License-Identifier: MIT
#include "data/image_decoder.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/error.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#define STBI_FAILURE_USERMSG
// Tables that a damaged JPEG lacks are read all the same: zeros make the outcome the same each
// time.
#define STBI_MALLOC(size) std::calloc(1, size)
#define STBI_REALLOC(block, size) std::realloc(block, size)
#define STBI_FREE(block) std::free(block)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::require;

constexpr std::int64_t most_pixels = 100'000'000;

std::vector<std::uint8_t> read_bytes(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  require(!error, "{} cannot be read: {}", path.string(), error.message());
  require(size > 0, "{} is empty", path.string());
  require(size <= INT_MAX, "{} is too large for a picture: {} bytes", path.string(), size);
  std::vector<std::uint8_t> bytes(size);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), std::streamsize(size));
  require(file.good(), "{} cannot be read: {}", path.string(), std::strerror(errno));
  return bytes;
}

/// Whether a JPEG's segments go on to its end marker.
bool reaches_end_of_jpeg(const std::vector<std::uint8_t>& bytes) {
  std::size_t i = 2;
  while (i + 1 < bytes.size()) {
    const std::uint8_t marker = bytes[i + 1];
    // Compressed data has 0 or a restart marker behind each byte of ones.
    const bool is_marker = bytes[i] == 0xFF && marker >= 0xC0 && (marker & 0xF8) != 0xD0;
    if (!is_marker) {
      ++i;
    } else if (marker == 0xD9) {
      return true;
    } else if (marker == 0xD8 || i + 3 >= bytes.size()) {
      i += 2;
    } else {
      i += 2 + (std::size_t{bytes[i + 2]} << 8 | bytes[i + 3]);
    }
  }
  return false;
}

std::uint32_t big_endian(const std::uint8_t* b) {
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

/// Whether a PNG's chunks are what their checksums say, which stb_image does not ask, to the end.
bool is_whole_png(const std::vector<std::uint8_t>& bytes) {
  constexpr std::size_t around = 12;  // length, name, checksum
  for (std::size_t i = 8; i + around <= bytes.size();) {
    const std::uint8_t* chunk = bytes.data() + i;
    const std::size_t length = big_endian(chunk);
    if (length > bytes.size() - i - around ||
        crc32(0, chunk + 4, uInt(length + 4)) != big_endian(chunk + 8 + length))
      return false;
    if (std::memcmp(chunk + 4, "IEND", 4) == 0) return true;
    i += around + length;
  }
  return false;
}

/// Bytes up to the last pixel of a BMP, whose rows begin at multiples of four.
std::int64_t bytes_of_bmp(const std::vector<std::uint8_t>& bytes, int width, int height) {
  const auto number = [&](std::size_t i, int size) {  // little-endian
    std::int64_t n = 0;
    while (size-- > 0) {
      const std::size_t at = i + std::size_t(size);
      n = n << 8 | (at < bytes.size() ? bytes[at] : 0);
    }
    return n;
  };
  const std::int64_t bits = width * number(number(14, 4) == 12 ? 24 : 28, 2);
  return number(10, 4) + (bits + 31) / 32 * 4 * (height - 1) + (bits + 7) / 8;
}

/// Bytes of a binary PNM of 8 bits: "P6 20 12 255" with any spaces and comments, then the samples.
std::int64_t bytes_of_pnm(const std::vector<std::uint8_t>& bytes, std::int64_t samples) {
  std::size_t i = 2;
  for (int n = 0; n < 3; ++n) {
    for (bool comment = false; i < bytes.size() && (comment || !std::isdigit(bytes[i])); ++i)
      comment = bytes[i] == '#' || (comment && bytes[i] != '\n' && bytes[i] != '\r');
    while (i < bytes.size() && std::isdigit(bytes[i])) ++i;
  }
  return std::int64_t(i) + 1 + samples;
}

/// Whether all is there that the pixels are made of. stb_image takes what is missing for grey or
/// black.
bool is_whole(const std::vector<std::uint8_t>& bytes, int width, int height, int channels) {
  const auto begins = [&](std::string_view with) {
    return std::equal(with.begin(), with.end(), bytes.begin(),
                      [](char c, std::uint8_t b) { return std::uint8_t(c) == b; });
  };
  const auto size = std::int64_t(bytes.size());
  if (begins("\xFF\xD8")) return reaches_end_of_jpeg(bytes);
  if (begins("\x89PNG")) return is_whole_png(bytes);
  if (begins("BM")) return size >= bytes_of_bmp(bytes, width, height);
  return size >= bytes_of_pnm(bytes, std::int64_t{width} * height * channels);
}

}  // namespace

Picture read_picture(const fs::path& path) {
  const std::vector<std::uint8_t> bytes = read_bytes(path);
  const int size = int(bytes.size());
  int width = 0, height = 0, channels = 0;
  require(stbi_info_from_memory(bytes.data(), size, &width, &height, &channels) != 0,
          "{} is not a JPEG, PNG, BMP or PNM file that can be read", path.string());
  require(width > 0 && height > 0 && std::int64_t{width} * height <= most_pixels,
          "{} claims to have {} x {} pixels; up to {} million are read", path.string(), width,
          height, most_pixels / 1'000'000);
  // stb_image swaps their bytes, and reads behind the end of grey ones.
  require(bytes[0] != 'P' || stbi_is_16_bit_from_memory(bytes.data(), size) == 0,
          "{} is a PNM of 16 bits; those of 8 are read", path.string());
  require(is_whole(bytes, width, height, channels), "{} is truncated or damaged", path.string());
  Picture picture{0, 0, {nullptr, stbi_image_free}};
  picture.rgb.reset(stbi_load_from_memory(bytes.data(), size, &width, &height, &channels, 3));
  require(picture.rgb != nullptr, "{} is damaged: {}", path.string(), stbi_failure_reason());
  picture.height = height;
  picture.width = width;
  return picture;
}

bool has_picture_name(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  for (const char* known : {".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".pnm"})
    if (ending == known) return true;
  return false;
}

}  // namespace data
