// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/array.h"
#include "kernels/device.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// Makes a batch of square views from the bytes of a data set: gathers, crops a box, resizes it,
/// flips, normalises.
///   out[i, y, x, c] = (r[y, x', c] / 255 - mean[c]) / std[c],   x' = x, or size-1-x when flipped,
///   r[y, x, c] = sum_jk a_j b_k box[j, k, c] / (sum_j a_j sum_k b_k),
///   a_j = max(0, 1 - |j + 1/2 - (y + 1/2) s| / max(1, s)),   s = rows of the box / size,
/// and b_k likewise with x and the columns: a triangle filter as wide as an output pixel, so that
/// small views are not aliased. It is the "bilinear" of Pillow, and so of torchvision's transforms
/// of its images, without their rounding to bytes between the passes. A box that is as large as the
/// view is copied.
///
/// The box is the centre square of side `centre`; with `random` it is random_box (crop_view.h) for
/// sample j of epoch e, where j = index[i] is the place in the data set, so that a view can be
/// named and made again. Flips have probability 1/2: if the top bit of v[2] of
/// random_words(seed, Purpose::augmentation, e, j) is set, as in augment.h.
struct ResizedCrop {
  const std::uint8_t* images;  // [count, h, w, c]
  const std::int32_t* labels;  // [count]
  const std::int32_t* index;   // [n]  places in the data set
  Array out;                   // [n, size, size, c]  out
  std::int32_t* out_labels;    // [n]                 out
  int n, h, w, c;              // c <= 4
  int size;
  int centre = 0;  // in [1, min(h, w)]
  bool random = false;
  float min_area = 0.08f, max_area = 1;            // of the box, as shares of the image's
  float min_ratio = 3.f / 4, max_ratio = 4.f / 3;  // of its width to its height
  bool flip = false;
  float mean[4], std[4];  // of pixels scaled to [0, 1]
  std::uint64_t seed = 0;
  const StepScalars* step = nullptr;  // epoch; may be null without randomness

  /// Random boxes read a part of their images; counted are whole ones.
  std::size_t bytes() const {
    const std::size_t side = std::size_t(centre), box = random ? std::size_t(h) * w : side * side;
    return std::size_t(n) * (4 * std::size_t(size) * size * c + box * c + 12);
  }
};
void run(Cpu, const ResizedCrop&);
void run(Cuda, const ResizedCrop&);

}  // namespace kernels
