// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <bit>

#include "data/pictures/picture_formats.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

using kernels::require;

struct Bmp {
  std::int64_t width, height;
  bool top_down;
  int bits;                               // of a pixel
  std::size_t pixels_at, row_bytes;       // rows fill up to four bytes
  std::array<std::uint32_t, 3> mask;      // of red, green, blue in a pixel of 16 bits or more
  std::size_t palette_at, colours, step;  // of pixels of 8 bits or less: blue, green, red
};

std::uint32_t little_endian(const std::uint8_t* b, int size) {
  std::uint32_t n = 0;
  while (size-- > 0) n = n << 8 | b[size];
  return n;
}

/// Where a mask's bits are, which are neighbours.
bool is_mask(std::uint32_t mask, int bits) {
  if (mask == 0) return false;
  const std::uint64_t all = mask, moved = all >> std::countr_zero(all);
  return (moved & (moved + 1)) == 0 && all >> bits == 0;
}

/// Checks all but the pixels themselves.
Bmp parse(PictureBytes bytes) {
  constexpr std::size_t info_at = 14, old_info = 12;
  require(bytes.size() >= info_at + old_info, "is truncated");
  const std::size_t info_bytes = little_endian(&bytes[info_at], 4);
  const bool old = info_bytes == old_info;
  require(old || (info_bytes >= 40 && info_bytes <= 124), "is a BMP of an unknown kind");
  require(bytes.size() >= info_at + info_bytes, "is truncated");
  const auto number = [&](std::size_t at, int size) { return little_endian(&bytes[at], size); };

  Bmp bmp{};
  bmp.width = old ? std::int64_t{number(18, 2)} : std::int32_t(number(18, 4));
  bmp.height = old ? std::int64_t{number(20, 2)} : std::int32_t(number(22, 4));
  bmp.top_down = bmp.height < 0;
  bmp.height = std::abs(bmp.height);
  require(bmp.width > 0, "is damaged: its width is {}", bmp.width);
  bmp.bits = int(number(old ? 24 : 28, 2));
  const std::uint32_t compression = old ? 0 : number(30, 4);
  constexpr std::uint32_t none = 0, masks = 3, masks_with_alpha = 6;
  require(compression == none || compression == masks || compression == masks_with_alpha,
          "is a BMP compressed by {}; uncompressed ones are read",
          compression <= 2   ? "run lengths"
          : compression == 4 ? "JPEG"
          : compression == 5 ? "PNG"
                             : fmt::format("method {}", compression));
  require(bmp.bits == 1 || bmp.bits == 4 || bmp.bits == 8 || bmp.bits == 16 || bmp.bits == 24 ||
              bmp.bits == 32,
          "is a BMP of {} bits; those of 1, 4, 8, 16, 24 and 32 are read", bmp.bits);
  std::size_t info_end = info_at + info_bytes;
  if (compression == none) {
    bmp.mask =
        bmp.bits == 16 ? std::array{0x7C00U, 0x3E0U, 0x1FU} : std::array{0xFF0000U, 0xFF00U, 0xFFU};
  } else {
    constexpr std::size_t masks_at = 54;  // behind the shortest header, or within a longer one
    info_end = std::max(info_end, masks_at + 12);
    require(bmp.bits == 16 || bmp.bits == 32, "is damaged: colour masks for {} bits", bmp.bits);
    require(bytes.size() >= info_end, "is truncated");
    for (std::size_t c = 0; c < 3; ++c) bmp.mask[c] = number(masks_at + 4 * c, 4);
  }
  if (bmp.bits > 8) {
    for (const std::uint32_t mask : bmp.mask)
      require(is_mask(mask, bmp.bits), "is damaged: {:08x} is no colour mask", mask);
  } else {
    bmp.palette_at = info_end;
    bmp.step = old ? 3 : 4;
    const std::size_t all = std::size_t{1} << bmp.bits, said = old ? 0 : number(46, 4);
    bmp.colours = said == 0 ? all : said;
    require(bmp.colours <= all, "is damaged: it has {} colours for {} bits", bmp.colours, bmp.bits);
    info_end += bmp.colours * bmp.step;
  }
  bmp.pixels_at = number(10, 4);
  require(bmp.pixels_at >= info_end, "is damaged: its pixels are within its header");
  bmp.row_bytes = std::size_t((bmp.width * bmp.bits + 31) / 32 * 4);
  return bmp;
}

}  // namespace

PictureHeader bmp_header(PictureBytes bytes) {
  const Bmp bmp = parse(bytes);
  PictureHeader header{.width = bmp.width, .height = bmp.height};
  if (bmp.height > 0)  // the last row need not be filled up
    header.least_bytes = double(bmp.pixels_at) + double(bmp.row_bytes) * double(bmp.height - 1) +
                         double((bmp.width * bmp.bits + 7) / 8);
  return header;
}

void decode_bmp(PictureBytes bytes, const PictureHeader&, std::uint8_t* rgb) {
  const Bmp bmp = parse(bytes);
  for (std::int64_t y = 0; y < bmp.height; ++y) {
    const auto stored = std::size_t(bmp.top_down ? y : bmp.height - 1 - y);
    const std::uint8_t* row = bytes.data() + bmp.pixels_at + stored * bmp.row_bytes;
    for (std::int64_t x = 0; x < bmp.width; ++x, rgb += 3) {
      if (bmp.bits <= 8) {
        const std::int64_t bit = x * bmp.bits;  // the first pixel is in a byte's upper bits
        const auto colour = std::size_t(row[bit / 8] >> (8 - bmp.bits - bit % 8)) &
                            ((std::size_t{1} << bmp.bits) - 1);
        require(colour < bmp.colours, "is damaged: a pixel has colour {} of {}", colour,
                bmp.colours);
        const std::uint8_t* bgr = bytes.data() + bmp.palette_at + colour * bmp.step;
        std::reverse_copy(bgr, bgr + 3, rgb);
      } else {
        const std::uint32_t pixel = little_endian(row + x * bmp.bits / 8, bmp.bits / 8);
        for (std::size_t c = 0; c < 3; ++c) {
          const int low = std::countr_zero(bmp.mask[c]);
          const std::uint64_t value = (pixel & bmp.mask[c]) >> low;
          rgb[c] = std::uint8_t(value * 255 / (bmp.mask[c] >> low));
        }
      }
    }
  }
}

}  // namespace data
