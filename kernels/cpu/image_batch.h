// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/image_view.h"

namespace kernels {

/// Calls make(image, sample, view) for each image of the batch; views have `view_size` elements of
/// type T.
template <class T, class Make>
void for_each_view(const ImageBatch& op, std::size_t view_size, Make make) {
  T* const batch = op.out.as<T>();
#pragma omp parallel for schedule(static) if (op.n > 1 && op.n * view_size >= parallel_from)
  for (int i = 0; i < op.n; ++i) {
    const std::int32_t sample = op.index[i];
    make(image_of(op, i, sample), sample, batch + i * view_size);
    op.out_labels[i] = op.labels[sample];
  }
}

/// The same for views of height x width that are mixed; the views that are, are float.
template <class T, class Make>
void for_each_mixed_view(const ImageBatch& op, int height, int width, Make make) {
  const std::size_t view_size = std::size_t(height) * width * op.c;
  T* const batch = op.out.as<T>();
#pragma omp parallel for schedule(static) if (op.n > 1 && op.n * view_size >= parallel_from)
  for (int i = 0; i < op.n; ++i) {
    static thread_local std::vector<float> views;  // grows to what it needs and stays
    views.resize(2 * view_size);
    const std::int32_t sample = op.index[i];
    const Mixture mixture = mixture_of(op.mixing, op.step->epoch, sample, height, width);
    const float *own = views.data(), *other = own + view_size;
    make(image_of(op, i, sample), sample, views.data());
    make(partner_image_of(op, i, mixture.partner), mixture.partner, views.data() + view_size);
    T* out = batch + i * view_size;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const float share = mixture.share_at(y, x);
        for (int c = 0; c < op.c; ++c) *out++ = T(mixed(share, *own++, *other++));
      }
    }
    write_mixed_labels(op, i, sample, mixture);
  }
}

}  // namespace kernels
