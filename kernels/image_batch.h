// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/array.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// How a view is mixed with that of a partner, of the image at one of the given places:
///   by mixup (Zhang et al., "mixup: beyond empirical risk minimization", 2018)
///     view <- share * view + (1 - share) * view of the partner,    share from Beta(a, a);
///   by CutMix (Yun et al., "CutMix", 2019) a box of the partner's view takes the place of the same
///     box in the view, and the share is what is left of its area.
/// The partner, the way if there are two (each with probability 1/2), the share and the box are
/// random by (seed, epoch, sample) alone, see mixing.h; a partner is seen as in its own view.
struct Mixing {
  double mixup = 0, cutmix = 0;              // a of either way; 0: not so
  const std::int32_t* partners = nullptr;    // [partner_count]  places in the data set
  std::int32_t* out_other_labels = nullptr;  // [n]  out
  float* out_share = nullptr;                // [n]  out: of out_labels, 1/2 or more
  int partner_count = 0;
  std::uint64_t seed = 0;

  bool any() const { return mixup > 0 || cutmix > 0; }
};

/// What the ops have in common that make a batch from the bytes of a data set: gather, show a part
/// of each image (`view`, by the op), flip, normalise.
///   out[i, y, x, c] = (view[y, x', c] / 255 - mean[c]) / std[c],   view of images[index[i]],
/// where x' is x, or counted from the other end when flipped. Both divisions and the difference are
/// rounded to float one after the other, as in PyTorch, and then to the type of `out`. The view of
/// sample j in epoch e is random by v = random_words(seed, Purpose::augmentation, e, j) alone,
/// where j is the place in the data set, so that it can be named and made again. Flips have
/// probability 1/2: the top bit of v[2].
///
/// Views that are mixed have two labels: out_labels is that of the image with the greater share.
struct ImageBatch {
  const std::uint8_t* images;  // [count, h, w, c]; or, if gathered, see below
  const std::int32_t* labels;  // [count]
  const std::int32_t* index;   // [n]  places in the data set
  Array out;                   // [n, height of a view, width of a view, c]  out
  std::int32_t* out_labels;    // [n]                                        out
  int n, h, w, c;              // c <= 4
  bool flip = false;
  float mean[4] = {}, std[4] = {1, 1, 1, 1};  // of pixels scaled to [0, 1]
  std::uint64_t seed = 0;
  const StepScalars* step = nullptr;  // epoch; may be null without randomness
  Mixing mixing = {};
  // Where the data set is not in the device's memory, `images` has those of the batch, [n, h, w, c]
  // in its order, and behind them, if views are mixed, as many of their partners.
  bool gathered = false;
};

}  // namespace kernels
