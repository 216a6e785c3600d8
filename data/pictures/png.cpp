// SPDX-License-Identifier: MIT
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "data/pictures/exif.h"
#include "data/pictures/picture_formats.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

using kernels::fail;
using kernels::require;

constexpr std::size_t signature_size = 8;

std::uint32_t big_endian(const std::uint8_t* b) {
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

/// The library's reader. It leaves by longjmp when it gives up, so the steps that are run have no
/// objects with destructors.
class Reader {
 public:
  explicit Reader(PictureBytes bytes)
      : bytes_(bytes), png(png_create_read_struct(PNG_LIBPNG_VER_STRING, this, give_up, ignore)) {
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      fail("needs more memory than there is");
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }

  void run(void (*step)(Reader&)) {
    if (setjmp(jump_) == 0) return step(*this);
    if (at_end_) fail("is truncated");
    fail("is damaged: {}", reason_);
  }

  static void read(png_structp from, png_bytep to, std::size_t count) {
    Reader& reader = *static_cast<Reader*>(png_get_io_ptr(from));
    reader.at_end_ = count > reader.bytes_.size();
    if (reader.at_end_) png_error(from, "truncated");
    std::memcpy(to, reader.bytes_.data(), count);
    reader.bytes_ = reader.bytes_.subspan(count);
  }

 private:
  [[noreturn]] static void give_up(png_structp from, png_const_charp reason) {
    Reader& reader = *static_cast<Reader*>(png_get_error_ptr(from));
    std::strncpy(reader.reason_, reason, sizeof reader.reason_ - 1);
    std::longjmp(reader.jump_, 1);
  }
  static void ignore(png_structp, png_const_charp) {}

  PictureBytes bytes_;
  std::jmp_buf jump_{};
  char reason_[200] = {};
  bool at_end_ = false;

 public:
  png_structp png;
  png_infop info = nullptr;
  std::uint8_t* rgb = nullptr;
};

void decode(Reader& reader) {
  png_structp png = reader.png;
  png_set_read_fn(png, &reader, Reader::read);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);  // what is no pixels
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(png, reader.info);
  png_set_strip_16(png);
  png_set_expand(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reader.info);
  const png_uint_32 width = png_get_image_width(png, reader.info);
  const png_uint_32 height = png_get_image_height(png, reader.info);
  if (png_get_rowbytes(png, reader.info) != std::size_t{width} * 3)
    png_error(png, "its rows have another size than they should");
  for (int pass = 0; pass < passes; ++pass)
    for (png_uint_32 y = 0; y < height; ++y)
      png_read_row(png, reader.rgb + std::size_t{y} * width * 3, nullptr);
  png_read_end(png, nullptr);
}

/// The EXIF data of the file, which may lie before or behind the pixels.
PictureBytes exif_of(PictureBytes bytes) {
  constexpr std::size_t around = 12;  // length, name, checksum
  for (std::size_t at = signature_size; at + around <= bytes.size();) {
    const std::uint8_t* chunk = bytes.data() + at;
    const std::size_t length = big_endian(chunk);
    if (length > bytes.size() - at - around) break;
    if (std::memcmp(chunk + 4, "eXIf", 4) == 0) return bytes.subspan(at + 8, length);
    at += around + length;
  }
  return {};
}

}  // namespace

PictureHeader png_header(PictureBytes bytes) {
  constexpr std::size_t header_end = signature_size + 25;
  require(bytes.size() >= header_end, "is truncated");
  require(std::memcmp(bytes.data() + 12, "IHDR", 4) == 0,
          "is damaged, or a PNG for iPhones alone: it does not begin with IHDR");
  const std::int64_t depth = bytes[24];
  const int colour = bytes[25];
  const std::int64_t samples = colour == PNG_COLOR_TYPE_RGB          ? 3
                               : colour == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
                               : colour == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                                     : 1;
  PictureHeader header{.width = big_endian(bytes.data() + 16),
                       .height = big_endian(bytes.data() + 20)};
  header.memory = header.width * 8 * 4 + 500'000;  // rows, and what zlib needs
  // Deflate makes 258 bytes of two bits at best.
  constexpr double most_shrunk = 1032;
  header.least_bytes =
      double(header.height) * double(header.width * samples * depth / 8) / most_shrunk;
  header.orientation = exif_orientation(exif_of(bytes));
  return header;
}

void decode_png(PictureBytes bytes, const PictureHeader&, std::uint8_t* rgb) {
  Reader reader(bytes);
  reader.rgb = rgb;
  reader.run(decode);
}

}  // namespace data
