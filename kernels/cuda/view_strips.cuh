// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/cuda/launch.h"
#include "kernels/image_view.h"

/// How kernels make a batch of views: a block makes a strip of one view. Neighbouring threads have
/// neighbouring elements, whatever the number of channels, so that they write whole sectors.
namespace kernels {
namespace {

constexpr unsigned strip_threads = 256, elements_per_thread = 4;

struct ViewStrips {
  unsigned images, view_size;  // elements of a view
  unsigned per_view;

  ViewStrips(const ImageBatch& op, int height, int width)
      : images(unsigned(op.n)),
        view_size(unsigned(height) * width * op.c),
        per_view(unsigned(ceil_div(view_size, strip_threads * elements_per_thread))) {}

  std::size_t blocks() const { return std::size_t(images) * per_view; }
};

/// The part of a thread: elements `first`, `first + strip_threads`, ... of one view.
struct Strip {
  unsigned image, first;

  __device__ __forceinline__ explicit Strip(const ViewStrips& strips)
      : image(blockIdx.x / strips.per_view),
        first(blockIdx.x % strips.per_view * (strip_threads * elements_per_thread) + threadIdx.x) {}
};

/// What the view of a sample is mixed with; all threads of the block must call, and the first one
/// draws.
__device__ __forceinline__ Mixture mixture_of_block(const ImageBatch& op, std::int32_t sample,
                                                    int height, int width) {
  __shared__ Mixture mixture;
  if (threadIdx.x == 0) mixture = mixture_of(op.mixing, op.step->epoch, sample, height, width);
  __syncthreads();
  return mixture;
}

}  // namespace
}  // namespace kernels
