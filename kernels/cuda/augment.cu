// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include "kernels/cuda/view_strips.cuh"

namespace kernels {
namespace {

/// Fetches the bytes that a thread's elements show of the view of a sample, whose image is given,
/// 0 outside of it.
__device__ __forceinline__ void fetch(const Augment& op, const ViewStrips& strips,
                                      const Strip& strip, const std::uint8_t* image,
                                      std::int32_t sample,
                                      std::uint8_t (&bytes)[elements_per_thread]) {
  const ShiftedView view = shifted_view(op, sample);
#pragma unroll
  for (unsigned k = 0; k < elements_per_thread; ++k) {
    const unsigned element = strip.first + k * strip_threads, pixel = element / op.c;
    const int y = int(pixel / op.w), x = int(pixel % op.w);
    const int from_y = y + view.dy, from_x = (view.flipped ? op.w - 1 - x : x) + view.dx;
    const bool inside = from_y >= 0 && from_y < op.h && from_x >= 0 && from_x < op.w;
    bytes[k] = inside && element < strips.view_size
                   ? image[(unsigned(from_y) * op.w + from_x) * op.c + element % op.c]
                   : 0;
  }
}

// Neighbouring threads read consecutive bytes (backwards, if flipped). A thread's bytes are fetched
// before the first is used. Where views are mixed, a block's first thread draws for all of them.
//   shapes  images [count, h, w, c], index and out_labels [n], out [n, h, w, c]
//   moves   (1 + e)*n*h*w*c + 12*n bytes, less where the view leaves the image; mixed
//           (2 + e)*n*h*w*c + 28*n
//   launch  n * ceil(h*w*c / 1024) blocks of 256 threads
template <class T, bool mix>
__global__ void augment_strip_per_block(Augment op, T* out, ViewStrips strips) {
  const Strip strip(strips);
  const std::int32_t sample = op.index[strip.image];
  out += std::size_t(strip.image) * strips.view_size;
  std::uint8_t bytes[elements_per_thread];
  [[maybe_unused]] std::uint8_t others[elements_per_thread];
  fetch(op, strips, strip, image_of(op, int(strip.image), sample), sample, bytes);
  [[maybe_unused]] Mixture mixture;
  if constexpr (mix) {
    mixture = mixture_of_block(op, sample, op.h, op.w);
    fetch(op, strips, strip, partner_image_of(op, int(strip.image), mixture.partner),
          mixture.partner, others);
  }
#pragma unroll
  for (unsigned k = 0; k < elements_per_thread; ++k) {
    const unsigned element = strip.first + k * strip_threads, pixel = element / op.c;
    if (element >= strips.view_size) break;
    float value = normalised(op, float(bytes[k]), element % op.c);
    if constexpr (mix)
      value = mixed(mixture.share_at(int(pixel / op.w), int(pixel % op.w)), value,
                    normalised(op, float(others[k]), element % op.c));
    out[element] = T(value);
  }
  if (strip.first != 0) return;
  if constexpr (mix)
    write_mixed_labels(op, int(strip.image), sample, mixture);
  else
    op.out_labels[strip.image] = op.labels[sample];
}

}  // namespace

void run(Cuda, const Augment& op) {
  const ViewStrips strips(op, op.h, op.w);
  with_type(op.out.type, [&](auto element) {
    using T = decltype(element);
    launch(op.mixing.any() ? augment_strip_per_block<T, true> : augment_strip_per_block<T, false>,
           {strips.blocks(), strip_threads}, op, op.out.as<T>(), strips);
  });
}

}  // namespace kernels
