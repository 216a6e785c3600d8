// SPDX-License-Identifier: MIT
#include "kernels/resized_crop.h"

#include "kernels/crop_view.h"
#include "kernels/cuda/launch.h"

namespace kernels {
namespace {

constexpr unsigned threads = 256, elements_per_thread = 4;
constexpr unsigned strip = threads * elements_per_thread;

/// v[channel] without an address, which would put all arguments of the kernel into stack memory.
__device__ __forceinline__ float of_channel(const float (&v)[4], unsigned channel) {
  return channel < 2 ? (channel == 0 ? v[0] : v[1]) : (channel == 2 ? v[2] : v[3]);
}

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

// A block makes a strip of one view. Its first thread finds the box, ten tries of double-precision
// functions at worst, for all of them. Neighbouring threads have neighbouring elements: they write
// whole sectors, and read bytes that are next to each other or close. Both passes of the filter are
// made at once: of the box's bytes, which the first touch brings into L1, an element takes 1 for a
// copy, 4 when it enlarges and some 4 s^2 when it reduces by s.
//   shapes  images [count, h, w, c], index and out_labels [n], out [n, size, size, c]
//   moves   4*n*size*size*c + n*(the box's bytes) + 12*n bytes
//   launch  n * ceil(size*size*c / 1024) blocks of 256 threads
__global__ void resized_crop_strip_per_block(ResizedCrop op, float* out, unsigned view_size,
                                             unsigned strips) {
  __shared__ CropView view;
  const unsigned i = blockIdx.x / strips, first = blockIdx.x % strips * strip + threadIdx.x;
  const std::int32_t sample = op.index[i];
  if (threadIdx.x == 0) view = crop_view(op, sample);
  __syncthreads();
  const Box box = view.box;
  const bool flipped = view.flipped;
  const unsigned pitch = unsigned(op.w) * op.c;
  const std::uint8_t* corner = op.images + std::size_t(sample) * op.h * pitch +
                               unsigned(box.top) * pitch + unsigned(box.left * op.c);
  out += std::size_t(i) * view_size;
  for (unsigned k = 0; k < elements_per_thread; ++k) {
    const unsigned element = first + k * threads, pixel = element / op.c, channel = element % op.c;
    if (element >= view_size) break;
    const int y = int(pixel / op.size), x = int(pixel % op.size);
    const float value = mean_of_taps(corner + channel, pitch, op.c, taps_of(y, box.height, op.size),
                                     taps_of(flipped ? op.size - 1 - x : x, box.width, op.size));
    out[element] = (value / 255 - of_channel(op.mean, channel)) / of_channel(op.std, channel);
  }
  if (first == 0) op.out_labels[i] = op.labels[sample];
}

}  // namespace

void run(Cuda, const ResizedCrop& op) {
  const unsigned view_size = unsigned(op.size) * op.size * op.c;
  const auto strips = unsigned(ceil_div(view_size, strip));
  launch(resized_crop_strip_per_block, {std::size_t(op.n) * strips, threads}, op, op.out.f32(),
         view_size, strips);
}

}  // namespace kernels
