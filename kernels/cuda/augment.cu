// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include "kernels/cuda/launch.h"
#include "kernels/philox.h"

namespace kernels {
namespace {

constexpr unsigned threads = 256, elements_per_thread = 4;
constexpr unsigned strip = threads * elements_per_thread;

struct View {
  int dy = 0, dx = 0;
  bool flipped = false;
};

__device__ __forceinline__ int shift_of(std::uint32_t word, int pad) {
  return int(to_range(word, 2 * std::uint32_t(pad) + 1)) - pad;
}

__device__ __forceinline__ View view_of(const Augment& op, std::int32_t sample) {
  if (op.pad == 0 && !op.flip) return {};
  const Philox4 words =
      random_words(op.seed, Purpose::augmentation, op.step->epoch, std::uint64_t(sample));
  return {shift_of(words.v[0], op.pad), shift_of(words.v[1], op.pad),
          op.flip && words.v[2] >> 31 != 0};
}

/// v[channel] without an address, which would put all arguments of the kernel into stack memory.
__device__ __forceinline__ float of_channel(const float (&v)[4], unsigned channel) {
  return channel < 2 ? (channel == 0 ? v[0] : v[1]) : (channel == 2 ? v[2] : v[3]);
}

// A block makes a strip of one image, so all its threads have the same view. Neighbouring threads
// have neighbouring elements, whatever the number of channels: they write whole sectors, and read
// consecutive bytes (backwards, if flipped). A thread's bytes are fetched before the first is used.
//   shapes  images [count, h, w, c], index and out_labels [n], out [n, h, w, c]
//   moves   5*n*h*w*c + 12*n bytes, less where the view leaves the image
//   launch  n * ceil(h*w*c / 1024) blocks of 256 threads
__global__ void augment_strip_per_block(Augment op, float* out, unsigned image_size,
                                        unsigned strips) {
  const unsigned i = blockIdx.x / strips, first = blockIdx.x % strips * strip + threadIdx.x;
  const std::int32_t sample = op.index[i];
  const View view = view_of(op, sample);
  const std::uint8_t* image = op.images + std::size_t(sample) * image_size;
  out += std::size_t(i) * image_size;

  std::uint8_t bytes[elements_per_thread];
#pragma unroll
  for (unsigned k = 0; k < elements_per_thread; ++k) {
    const unsigned element = first + k * threads, pixel = element / op.c;
    const int y = int(pixel / op.w), x = int(pixel % op.w);
    const int from_y = y + view.dy, from_x = (view.flipped ? op.w - 1 - x : x) + view.dx;
    const bool inside = from_y >= 0 && from_y < op.h && from_x >= 0 && from_x < op.w;
    bytes[k] = inside && element < image_size
                   ? image[(unsigned(from_y) * op.w + from_x) * op.c + element % op.c]
                   : 0;
  }
#pragma unroll
  for (unsigned k = 0; k < elements_per_thread; ++k) {
    const unsigned element = first + k * threads, channel = element % op.c;
    if (element >= image_size) break;
    out[element] =
        (float(bytes[k]) / 255 - of_channel(op.mean, channel)) / of_channel(op.std, channel);
  }
  if (first == 0) op.out_labels[i] = op.labels[sample];
}

}  // namespace

void run(Cuda, const Augment& op) {
  const unsigned image_size = unsigned(op.h) * op.w * op.c;
  const auto strips = unsigned(ceil_div(image_size, strip));
  launch(augment_strip_per_block, {std::size_t(op.n) * strips, threads}, op, op.out.f32(),
         image_size, strips);
}

}  // namespace kernels
