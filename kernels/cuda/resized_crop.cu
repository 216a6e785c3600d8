// SPDX-License-Identifier: MIT
#include "kernels/resized_crop.h"

#include "kernels/cuda/view_strips.cuh"

namespace kernels {
namespace {

/// One element of a view: the weighted mean of its taps in `box`, an address in an image whose rows
/// are `pitch` bytes.
__device__ __forceinline__ float mean_of_taps(const std::uint8_t* box, unsigned pitch, int channels,
                                              const Taps& rows, const Taps& columns) {
  float sum = 0, weights = 0;
  for (int j = rows.first; j < rows.last; ++j) {
    const std::uint8_t* row = box + unsigned(j) * pitch;
    float row_sum = 0, row_weights = 0;
    for (int k = columns.first; k < columns.last; ++k) {
      const float weight = columns.weight(k);
      row_sum += weight * float(row[unsigned(k * channels)]);
      row_weights += weight;
    }
    sum += rows.weight(j) * row_sum;
    weights += rows.weight(j) * row_weights;
  }
  return sum / weights;
}

/// Elements of the view of one sample, whose image is given.
class CropOfBlock {
 public:
  /// All threads of the block must call; the first one, which finds the box, in `shared`.
  __device__ __forceinline__ CropOfBlock(const ResizedCrop& op, const std::uint8_t* image,
                                         std::int32_t sample, CropView& shared)
      : op_(op), pitch_(unsigned(op.w) * op.c) {
    if (threadIdx.x == 0) shared = crop_view(op, sample);
    __syncthreads();
    view_ = {shared.box, shared.flipped};  // not what is between and behind them
    corner_ = image + unsigned(view_.box.top) * pitch_ + unsigned(view_.box.left * op.c);
  }

  __device__ __forceinline__ float at(int y, int x, unsigned channel) const {
    const float value =
        mean_of_taps(corner_ + channel, pitch_, op_.c, taps_of(y, view_.box.height, op_.size),
                     taps_of(view_.flipped ? op_.size - 1 - x : x, view_.box.width, op_.size));
    return normalised(op_, value, channel);
  }

 private:
  const ResizedCrop& op_;
  unsigned pitch_;
  CropView view_;
  const std::uint8_t* corner_;
};

// A block's first thread finds the box, ten tries of double-precision functions at worst, for all
// of them. Neighbouring threads read bytes that are next to each other or close. Both passes of the
// filter are made at once: of the box's bytes, which the first touch brings into L1, an element
// takes 1 for a copy, 4 when it enlarges and some 4 s^2 when it reduces by s. Where views are
// mixed, the first thread draws for all, too.
//   shapes  images [count, h, w, c], index and out_labels [n], out [n, size, size, c]
//   moves   e*n*size*size*c + n*(the box's bytes) + 12*n bytes; mixed, both boxes' and 28*n
//   launch  n * ceil(size*size*c / 1024) blocks of 256 threads
template <class T, bool mix>
__global__ void resized_crop_strip_per_block(ResizedCrop op, T* out, ViewStrips strips) {
  __shared__ CropView own_view, other_view;
  const Strip strip(strips);
  const std::int32_t sample = op.index[strip.image];
  [[maybe_unused]] Mixture mixture{};
  if constexpr (mix) mixture = mixture_of_block(op, sample, op.size, op.size);
  const int i = int(strip.image);
  const CropOfBlock own(op, image_of(op, i, sample), sample, own_view);
  const CropOfBlock other =
      mix ? CropOfBlock(op, partner_image_of(op, i, mixture.partner), mixture.partner, other_view)
          : own;
  out += std::size_t(strip.image) * strips.view_size;
  for (unsigned k = 0; k < elements_per_thread; ++k) {
    const unsigned element = strip.first + k * strip_threads;
    if (element >= strips.view_size) break;
    const unsigned pixel = element / op.c, channel = element % op.c;
    const int y = int(pixel / op.size), x = int(pixel % op.size);
    float value = own.at(y, x, channel);
    if constexpr (mix) value = mixed(mixture.share_at(y, x), value, other.at(y, x, channel));
    out[element] = T(value);
  }
  if (strip.first != 0) return;
  if constexpr (mix)
    write_mixed_labels(op, i, sample, mixture);
  else
    op.out_labels[i] = op.labels[sample];
}

}  // namespace

void run(Cuda, const ResizedCrop& op) {
  const ViewStrips strips(op, op.size, op.size);
  with_type(op.out.type, [&](auto element) {
    using T = decltype(element);
    launch(op.mixing.any() ? resized_crop_strip_per_block<T, true>
                           : resized_crop_strip_per_block<T, false>,
           {strips.blocks(), strip_threads}, op, op.out.as<T>(), strips);
  });
}

}  // namespace kernels
