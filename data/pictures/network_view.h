// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>

#include "data/pictures/image_decoder.h"

namespace data {

/// The picture's centre square, resized to side x side by kernels/resized_crop.h and rounded to
/// bytes, [side, side, 3].
void centre_square(const Picture&, int side, std::uint8_t* to);

/// How a network sees a picture: as its data set showed it those that it learned from, without
/// augmentation.
struct NetworkView {
  int size;      // side of what it sees
  int channels;  // 3, or 1: grey, by the weights of ITU-R 601-2 that Pillow takes for "L"
  /// 0: the centre square is resized to the view. Else it is resized to this side first and rounded
  /// to bytes, and the view is the centre of that.
  int stored_side;
  std::array<float, 4> mean{}, std{};  // by channel
  bool exif_orientation = true;
};

/// Reads a picture into `to`, [size, size, channels], normalised: the very bits that training on it
/// has. Throws Error as read_picture does.
void read_view(const std::filesystem::path&, const NetworkView&, float* to);

}  // namespace data
