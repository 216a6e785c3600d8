// SPDX-License-Identifier: MIT
#include "data/image_decoder.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
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

/// Whether a JPEG's segments go on to its end marker. stb_image takes missing pixels for grey.
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
  const bool is_jpeg = bytes[0] == 0xFF && bytes[1] == 0xD8;
  require(!is_jpeg || reaches_end_of_jpeg(bytes), "{} is truncated: it stops before its end marker",
          path.string());
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
