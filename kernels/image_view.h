// SPDX-License-Identifier: MIT
#pragma once
#include <cmath>

#include "kernels/augment.h"
#include "kernels/mixing.h"
#include "kernels/resized_crop.h"
#include "kernels/runtime/philox.h"

/// Which part of an image a view shows, and how it is normalised. One header for host and device,
/// so that both show the same.
namespace kernels {

/// The image of row i of the batch, which is `sample` of the data set.
SOFTLABEL_HOST_DEVICE inline const std::uint8_t* image_of(const ImageBatch& op, int i,
                                                          std::int32_t sample) {
  return op.images + std::size_t(op.gathered ? i : sample) * op.h * op.w * op.c;
}
/// That of its partner.
SOFTLABEL_HOST_DEVICE inline const std::uint8_t* partner_image_of(const ImageBatch& op, int i,
                                                                  std::int32_t partner) {
  return image_of(op, op.n + i, partner);
}

/// What is random of the view of `sample` in the epoch at hand; `attempt` is random_box's.
SOFTLABEL_HOST_DEVICE inline Philox4 view_words(const ImageBatch& op, std::int32_t sample,
                                                std::uint64_t attempt = 0) {
  return random_words(op.seed, Purpose::augmentation, op.step->epoch,
                      std::uint64_t(sample) | attempt << 32);
}

/// Without an address, which would put all arguments of a GPU's kernel into stack memory.
SOFTLABEL_HOST_DEVICE inline float of_channel(const float (&v)[4], unsigned channel) {
  return channel < 2 ? (channel == 0 ? v[0] : v[1]) : (channel == 2 ? v[2] : v[3]);
}

/// `value` is in [0, 255].
SOFTLABEL_HOST_DEVICE inline float normalised(const ImageBatch& op, float value, unsigned channel) {
  return (value / 255 - of_channel(op.mean, channel)) / of_channel(op.std, channel);
}

struct ShiftedView {
  int dy = 0, dx = 0;
  bool flipped = false;
};

SOFTLABEL_HOST_DEVICE inline ShiftedView shifted_view(const Augment& op, std::int32_t sample) {
  if (op.pad == 0 && !op.flip) return {};
  const Philox4 words = view_words(op, sample);
  const std::uint32_t range = 2 * std::uint32_t(op.pad) + 1;
  return {int(to_range(words[0], range)) - op.pad, int(to_range(words[1], range)) - op.pad,
          op.flip && words[2] >> 31 != 0};
}

/// torchvision's RandomResizedCrop: the first of ten random boxes that lies within the image, else
/// the largest centred one whose ratio is within bounds. Attempt t in [1, 10] for sample j in
/// epoch e draws v = random_words(seed, Purpose::augmentation, e, j + 2^32 t): the area
/// uniform by v[0], the logarithm of the ratio uniform by v[1] (to_unit), which give width and
/// height, rounded; then the row by v[2] and the column by v[3] (to_range over the places there
/// are). In double, where the devices' functions differ by too little to move a rounded side.
SOFTLABEL_HOST_DEVICE inline Box random_box(const ResizedCrop& op, std::int32_t sample) {
  const double area = double(op.h) * op.w;
  const double low = std::log(double(op.min_ratio)), high = std::log(double(op.max_ratio));
  for (std::uint64_t attempt = 1; attempt <= 10; ++attempt) {
    const Philox4 words = view_words(op, sample, attempt);
    const double share =
        double(op.min_area) + (double(op.max_area) - double(op.min_area)) * to_unit(words[0]);
    const double ratio = std::exp(low + (high - low) * to_unit(words[1]));
    const int width = int(std::rint(std::sqrt(area * share * ratio)));
    const int height = int(std::rint(std::sqrt(area * share / ratio)));
    if (width < 1 || width > op.w || height < 1 || height > op.h) continue;
    return {int(to_range(words[2], std::uint32_t(op.h - height + 1))),
            int(to_range(words[3], std::uint32_t(op.w - width + 1))), height, width};
  }
  const double ratio = double(op.w) / op.h;
  int height = op.h, width = op.w;
  if (ratio < double(op.min_ratio)) height = int(std::rint(op.w / double(op.min_ratio)));
  if (ratio > double(op.max_ratio)) width = int(std::rint(op.h * double(op.max_ratio)));
  return {(op.h - height) / 2, (op.w - width) / 2, height, width};
}

struct CropView {
  Box box;
  bool flipped;
};

SOFTLABEL_HOST_DEVICE inline CropView crop_view(const ResizedCrop& op, std::int32_t sample) {
  const Box centre{(op.h - op.centre) / 2, (op.w - op.centre) / 2, op.centre, op.centre};
  return {op.random ? random_box(op, sample) : centre,
          op.flip && view_words(op, sample)[2] >> 31 != 0};
}

/// The pixels [first, last) of a row or column of a box that the triangle filter gives weight to
/// for one pixel of the view, in units of the box's pixels.
struct Taps {
  float centre, radius;
  int first, last;

  SOFTLABEL_HOST_DEVICE float weight(int j) const {
    return 1 - std::fabs(float(j) + 0.5f - centre) / radius;
  }
};

/// For pixel `at` of `size` that are made from `length`.
SOFTLABEL_HOST_DEVICE inline Taps taps_of(int at, int length, int size) {
  const float scale = float(length) / float(size), centre = (float(at) + 0.5f) * scale;
  const float radius = scale > 1 ? scale : 1;
  const int first = int(std::floor(centre - radius + 0.5f));
  const int last = int(std::ceil(centre + radius - 0.5f));
  return {centre, radius, first > 0 ? first : 0, last < length ? last : length};
}

}  // namespace kernels
