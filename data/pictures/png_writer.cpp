// SPDX-License-Identifier: MIT
#include "data/pictures/png_writer.h"

#include <png.h>

#include <array>

#include "kernels/runtime/error.h"

namespace data {

std::string png_of(std::span<const std::uint8_t> pixels, int height, int width, int channels) {
  constexpr std::array<png_uint_32, 4> formats = {PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB,
                                                  PNG_FORMAT_RGBA};
  kernels::require(
      height > 0 && width > 0 && channels >= 1 && channels <= 4 &&
          pixels.size() == std::size_t(height) * std::size_t(width) * std::size_t(channels),
      "png: {} bytes are no picture of {} x {} pixels of {} channels", pixels.size(), width, height,
      channels);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = png_uint_32(width);
  image.height = png_uint_32(height);
  image.format = formats[std::size_t(channels - 1)];
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  const bool written =
      png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr) != 0;
  kernels::require(written, "png: {}", image.message);
  file.resize(size);
  return file;
}

}  // namespace data
