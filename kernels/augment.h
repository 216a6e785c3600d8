// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/array.h"
#include "kernels/device.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// Makes a batch from the bytes of a data set: gathers, crops, flips, normalises.
///   out[i, y, x, c] = (image[y + dy, x' + dx, c] / 255 - mean[c]) / std[c],   image =
///   images[index[i]]
/// where x' is x, or w-1-x when flipped; pixels outside the image are 0 before normalisation. (dy,
/// dx) are uniform in [-pad, pad]; flips have probability 1/2. For sample j of epoch e they come
/// from v = random_words(seed, Purpose::augmentation, e, j).v: dy from v[0], dx from v[1] (to_range
/// over 2 pad + 1, less pad), flipped if the top bit of v[2] is set. j is the place in the data
/// set, so a view can be named and made again. pad = 0 and flip = false only gather and normalise.
/// Both divisions and the difference are rounded to float one after the other, as in PyTorch.
struct Augment {
  const std::uint8_t* images;  // [count, h, w, c]
  const std::int32_t* labels;  // [count]
  const std::int32_t* index;   // [n]  places in the data set
  Array out;                   // [n, h, w, c]  out
  std::int32_t* out_labels;    // [n]           out
  int n, h, w, c;              // c <= 4
  int pad = 0;
  bool flip = false;
  float mean[4], std[4];  // of pixels scaled to [0, 1]
  std::uint64_t seed = 0;
  const StepScalars* step = nullptr;  // epoch; may be null without augmentation

  std::size_t bytes() const { return std::size_t(n) * (5 * std::size_t(h) * w * c + 12); }
};
void run(Cpu, const Augment&);
void run(Cuda, const Augment&);

}  // namespace kernels
