// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/image_batch.h"

namespace kernels {

/// A batch of views as large as the images, and shifted:
///   view[y, x, c] = image[y + dy, x + dx, c],   0 outside of the image,
/// (dy, dx) uniform in [-pad, pad]: dy by v[0], dx by v[1] (to_range over 2 pad + 1, less pad).
/// pad = 0 and flip = false only gather and normalise.
struct Augment : ImageBatch {
  int pad = 0;

  /// Mixed views read both images.
  std::size_t bytes() const {
    const std::size_t mixed = mixing.any() ? 1 : 0;
    return std::size_t(n) *
           ((1 + mixed + size_of(out.type)) * std::size_t(h) * w * c + 12 + 16 * mixed);
  }
};
void run(Cpu, const Augment&);
void run(Cuda, const Augment&);

}  // namespace kernels
