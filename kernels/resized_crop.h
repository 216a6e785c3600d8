// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/image_batch.h"

namespace kernels {

/// A batch of square views, each of a box of its image:
///   view[y, x, c] = sum_jk a_j b_k box[j, k, c] / (sum_j a_j sum_k b_k),
///   a_j = max(0, 1 - |j + 1/2 - (y + 1/2) s| / max(1, s)),   s = rows of the box / size,
/// and b_k likewise with x and the columns: a triangle filter as wide as an output pixel, so that
/// small views are not aliased. It is the "bilinear" of Pillow, and so of torchvision's transforms
/// of its images, without their rounding to bytes between the passes. A box that is as large as the
/// view is copied.
///
/// The box is the centre square of side `centre`; with `random` it is random_box (image_view.h).
struct ResizedCrop : ImageBatch {
  int size = 0;
  int centre = 0;  // in [1, min(h, w)]
  bool random = false;
  float min_area = 0.08f, max_area = 1;            // of the box, as shares of the image's
  float min_ratio = 3.f / 4, max_ratio = 4.f / 3;  // of its width to its height

  /// Random boxes read a part of their images; counted are whole ones. Mixed views read both
  /// images.
  std::size_t bytes() const {
    const std::size_t mixed = mixing.any() ? 1 : 0;
    const std::size_t side = std::size_t(centre), box = random ? std::size_t(h) * w : side * side;
    return std::size_t(n) *
           (size_of(out.type) * size * size * c + (1 + mixed) * box * c + 12 + 16 * mixed);
  }
};
void run(Cpu, const ResizedCrop&);
void run(Cuda, const ResizedCrop&);

}  // namespace kernels
