// SPDX-License-Identifier: MIT
#include "test/support/data_pictures.h"

#include <cstdlib>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace test {

std::string picture_file(PictureKind kind, int width, int height, int channels,
                         const std::vector<std::uint8_t>& pixels) {
  std::string file;
  const auto append = [](void* to, void* bytes, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), std::size_t(size));
  };
  switch (kind) {
    case PictureKind::jpeg:
      stbi_write_jpg_to_func(append, &file, width, height, channels, pixels.data(), 95);
      break;
    case PictureKind::png:
      stbi_write_png_to_func(append, &file, width, height, channels, pixels.data(),
                             width * channels);
      break;
    case PictureKind::bmp:
      stbi_write_bmp_to_func(append, &file, width, height, channels, pixels.data());
      break;
  }
  return file;
}

std::string plain_jpeg(int side, std::uint8_t value) {
  return picture_file(PictureKind::jpeg, side, side, 3,
                      std::vector<std::uint8_t>(std::size_t(side * side * 3), value));
}

namespace {

std::string two_bytes(int value) { return {char(value >> 8), char(value)}; }

std::string segment(int marker, const std::string& content) {
  return std::string("\xFF") + char(marker) + two_bytes(int(content.size()) + 2) + content;
}

}  // namespace

std::string jpeg_header(int width, int height) {
  // Baseline, 8 bits, one channel that is sampled once.
  std::string file = "\xFF\xD8" + segment(0xC0, '\x08' + two_bytes(height) + two_bytes(width) +
                                                    std::string("\x01\x01\x11\x00", 4));
  file += segment(0xDB, std::string(1, '\0') + std::string(64, '\x08'));  // all divided by 8
  // Nine codes of four bits for the sizes of means; one of one bit, for the end of each block.
  file += segment(0xC4, std::string("\x00\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0\0", 17) +
                            std::string("\0\1\2\3\4\5\6\7\10", 9));
  file += segment(0xC4, std::string("\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18));
  return file + segment(0xDA, std::string("\x01\x01\x00\x00\x3F\x00", 6));
}

std::string grey_jpeg(int side, std::uint8_t value) {
  std::string bits;
  const auto put = [&bits](int number, int count) {
    for (int bit = count - 1; bit >= 0; --bit) bits += char('0' + (number >> bit & 1));
  };
  int difference = int(value) - 128;  // the first block's mean over 128; the others' do not differ
  for (int block = 0; block < side / 8 * (side / 8); ++block, difference = 0) {
    int size = 0;
    while (std::abs(difference) >> size != 0) ++size;
    put(size, 4);
    put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
    put(0, 1);
  }
  while (bits.size() % 8 != 0) bits += '1';
  std::string data;
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    const auto byte = char(std::stoi(bits.substr(i, 8), nullptr, 2));
    data += byte;
    if (byte == '\xFF') data += '\0';
  }
  return jpeg_header(side, side) + data + "\xFF\xD9";
}

}  // namespace test
