// SPDX-License-Identifier: MIT
#include "data/pictures/network_view.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/resized_crop.h"

namespace data {

namespace {

/// Of a picture [h, w, channels] the centre square of side `centre`, resized.
void resize(const std::uint8_t* picture, int h, int w, int channels, int centre, int size,
            const std::array<float, 4>& mean, const std::array<float, 4>& std, float* to) {
  const std::int32_t label = 0, index = 0;
  std::int32_t out_label;
  kernels::ResizedCrop op{{.images = picture,
                           .labels = &label,
                           .index = &index,
                           .out = to,
                           .out_labels = &out_label,
                           .n = 1,
                           .h = h,
                           .w = w,
                           .c = channels},
                          size,
                          centre};
  std::copy(mean.begin(), mean.end(), op.mean);
  std::copy(std.begin(), std.end(), op.std);
  run(kernels::Cpu{}, op);
}

/// [count, 3] to [count], as Pillow's convert("L").
std::vector<std::uint8_t> grey(const std::uint8_t* rgb, std::size_t count) {
  std::vector<std::uint8_t> pixels(count);
  for (std::size_t i = 0; i < count; ++i)
    pixels[i] = std::uint8_t(
        (19595u * rgb[3 * i] + 38470u * rgb[3 * i + 1] + 7471u * rgb[3 * i + 2] + 0x8000u) >> 16);
  return pixels;
}

}  // namespace

void centre_square(const Picture& picture, int side, std::uint8_t* to) {
  std::vector<float> values(std::size_t(side) * std::size_t(side) * 3);
  constexpr float level = 1.f / 255;
  resize(picture.rgb.get(), picture.height, picture.width, 3,
         std::min(picture.height, picture.width), side, {}, {level, level, level, 1},
         values.data());
  std::transform(values.begin(), values.end(), to, [](float value) {
    return std::uint8_t(std::clamp(std::lround(value), 0L, 255L));
  });
}

void read_view(const std::filesystem::path& path, const NetworkView& view, float* to) {
  const Picture picture = read_picture(path, {.exif_orientation = view.exif_orientation});
  const std::uint8_t* pixels = picture.rgb.get();
  int h = picture.height, w = picture.width, centre = std::min(h, w);
  std::vector<std::uint8_t> stored, single;
  if (view.stored_side > 0) {
    h = w = view.stored_side;
    centre = view.size;
    stored.resize(std::size_t(h) * std::size_t(w) * 3);
    centre_square(picture, view.stored_side, stored.data());
    pixels = stored.data();
  }
  if (view.channels == 1) {
    single = grey(pixels, std::size_t(h) * std::size_t(w));
    pixels = single.data();
  }
  resize(pixels, h, w, view.channels, centre, view.size, view.mean, view.std, to);
}

}  // namespace data
