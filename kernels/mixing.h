// SPDX-License-Identifier: MIT
#pragma once
#include <cmath>

#include "kernels/image_batch.h"
#include "kernels/runtime/philox.h"

/// With which image a view is mixed, and how. One header for host and device, so that both mix the
/// same.
namespace kernels {

struct Box {
  int top, left, height, width;
};

struct Mixture {
  std::int32_t partner;  // its place in the data set
  float share;           // of the sample itself
  Box box;               // that shows the partner; empty with mixup
  float outside;         // the share of the sample's own view at the pixels outside of it

  /// The share of the sample's own view at a pixel.
  SOFTLABEL_HOST_DEVICE float share_at(int y, int x) const {
    const bool inside =
        y >= box.top && y < box.top + box.height && x >= box.left && x < box.left + box.width;
    return inside ? 0.0f : outside;
  }
};

/// A number from Beta(a, a), any a > 0, made of a point of the unit circle that is random with even
/// density: Bailey's polar method ("Polar generation of random variates with the t-distribution",
/// 1994) gives a T with 2a degrees of freedom, and this is 1/2 + T / (2 sqrt(2a + T^2)). In double,
/// where the devices' functions differ by too little to be seen.
SOFTLABEL_HOST_DEVICE inline double symmetric_beta(double a, double x, double y) {
  const double square = x * x + y * y;  // uniform in [0, 1], and no matter of the angle
  const double cosine = x / std::sqrt(square);
  const double spread = cosine * cosine + 1 / std::expm1(std::fabs(std::log(square)) / a);
  const double share = 0.5 + 0.5 * cosine / std::sqrt(spread);
  return std::fmin(std::fmax(share, 0.0), 1.0);  // which rounding may leave
}

/// The image that the view of a sample is mixed with in an epoch: it is random by v[0], where v =
/// random_words(seed, Purpose::mixing, epoch, sample).
SOFTLABEL_HOST_DEVICE inline std::int32_t partner_of(const Mixing& mixing, const Philox4& v) {
  return mixing.partners[to_range(v[0], std::uint32_t(mixing.partner_count))];
}
inline std::int32_t partner_of(const Mixing& mixing, std::uint32_t epoch, std::int32_t sample) {
  return partner_of(mixing,
                    random_words(mixing.seed, Purpose::mixing, epoch, std::uint64_t(sample)));
}

/// What a view of `height` x `width` pixels of a sample is mixed with in an epoch. Attempt t from 0
/// draws v = random_words(seed, Purpose::mixing, epoch, sample + 2^32 t): the partner by attempt 0,
/// and the way by the top bit of its v[1]; the share by v[2] and
/// v[3] of the first attempt at which they are a point of the unit circle; the centre of a box by
/// v[0] and v[1] of attempt 1. Boxes are those of torchvision: sides of sqrt(1 - share) of the
/// view's, about a pixel of it, and cut off at its edges.
SOFTLABEL_HOST_DEVICE inline Mixture mixture_of(const Mixing& mixing, std::uint32_t epoch,
                                                std::int32_t sample, int height, int width) {
  const std::uint64_t first = std::uint64_t(sample), step = std::uint64_t{1} << 32;
  Philox4 v = random_words(mixing.seed, Purpose::mixing, epoch, first);
  Mixture mixture{};
  mixture.partner = partner_of(mixing, v);
  const bool cut = mixing.cutmix > 0 && (mixing.mixup == 0 || v[1] >> 31 != 0);
  double across = 2 * to_unit(v[2]) - 1, up = 2 * to_unit(v[3]) - 1;
  for (std::uint64_t attempt = 1; across * across + up * up > 1; ++attempt) {
    v = random_words(mixing.seed, Purpose::mixing, epoch, first + attempt * step);
    across = 2 * to_unit(v[2]) - 1, up = 2 * to_unit(v[3]) - 1;
  }
  const double share = symmetric_beta(cut ? mixing.cutmix : mixing.mixup, across, up);
  mixture.share = mixture.outside = float(share);
  if (!cut) return mixture;
  const Philox4 place = random_words(mixing.seed, Purpose::mixing, epoch, first + step);
  const double half = 0.5 * std::sqrt(1 - share);
  const int y = int(to_range(place[0], std::uint32_t(height))), half_height = int(half * height),
            x = int(to_range(place[1], std::uint32_t(width))), half_width = int(half * width);
  const int top = y > half_height ? y - half_height : 0, left = x > half_width ? x - half_width : 0,
            bottom = y + half_height < height ? y + half_height : height,
            right = x + half_width < width ? x + half_width : width;
  mixture.outside = 1;
  mixture.box = {top, left, bottom - top, right - left};
  mixture.share =
      float(1 - double(mixture.box.height) * mixture.box.width / (double(height) * width));
  return mixture;
}

SOFTLABEL_HOST_DEVICE inline float mixed(float share, float own, float other) {
  return share * own + (1 - share) * other;
}

/// Writes the labels of row i of a batch, whose view of `sample` is a mixture.
SOFTLABEL_HOST_DEVICE inline void write_mixed_labels(const ImageBatch& op, int i,
                                                     std::int32_t sample, const Mixture& mixture) {
  const bool most = mixture.share >= 0.5f;
  op.out_labels[i] = op.labels[most ? sample : mixture.partner];
  op.mixing.out_other_labels[i] = op.labels[most ? mixture.partner : sample];
  op.mixing.out_share[i] = most ? mixture.share : 1 - mixture.share;
}

}  // namespace kernels
