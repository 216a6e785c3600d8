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

// A block's first thread finds the box, ten tries of double-precision functions at worst, for all
// of them. Neighbouring threads read bytes that are next to each other or close. Both passes of the
// filter are made at once: of the box's bytes, which the first touch brings into L1, an element
// takes 1 for a copy, 4 when it enlarges and some 4 s^2 when it reduces by s.
//   shapes  images [count, h, w, c], index and out_labels [n], out [n, size, size, c]
//   moves   e*n*size*size*c + n*(the box's bytes) + 12*n bytes
//   launch  n * ceil(size*size*c / 1024) blocks of 256 threads
template <class T>
__global__ void resized_crop_strip_per_block(ResizedCrop op, T* out, ViewStrips strips) {
  __shared__ CropView view;
  const Strip strip(strips);
  const std::int32_t sample = op.index[strip.image];
  if (threadIdx.x == 0) view = crop_view(op, sample);
  __syncthreads();
  const Box box = view.box;
  const bool flipped = view.flipped;
  const unsigned pitch = unsigned(op.w) * op.c;
  const std::uint8_t* corner = op.images + std::size_t(sample) * op.h * pitch +
                               unsigned(box.top) * pitch + unsigned(box.left * op.c);
  out += std::size_t(strip.image) * strips.view_size;
  for (unsigned k = 0; k < elements_per_thread; ++k) {
    const unsigned element = strip.first + k * strip_threads;
    if (element >= strips.view_size) break;
    const unsigned pixel = element / op.c, channel = element % op.c;
    const int y = int(pixel / op.size), x = int(pixel % op.size);
    const float value = mean_of_taps(corner + channel, pitch, op.c, taps_of(y, box.height, op.size),
                                     taps_of(flipped ? op.size - 1 - x : x, box.width, op.size));
    out[element] = T(normalised(op, value, channel));
  }
  if (strip.first == 0) op.out_labels[strip.image] = op.labels[sample];
}

}  // namespace

void run(Cuda, const ResizedCrop& op) {
  const ViewStrips strips(op, op.size, op.size);
  with_type(op.out.type, [&](auto element) {
    using T = decltype(element);
    launch(resized_crop_strip_per_block<T>, {strips.blocks(), strip_threads}, op, op.out.as<T>(),
           strips);
  });
}

}  // namespace kernels
