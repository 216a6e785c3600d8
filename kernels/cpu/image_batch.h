// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/cpu/parallel.h"
#include "kernels/image_batch.h"

namespace kernels {

/// Calls make(image, sample, view) for each image of the batch; views have `view_size` elements of
/// type T.
template <class T, class Make>
void for_each_view(const ImageBatch& op, std::size_t view_size, Make make) {
  const std::size_t image_size = std::size_t(op.h) * op.w * op.c;
  T* const batch = op.out.as<T>();
#pragma omp parallel for schedule(static) if (op.n > 1 && op.n * view_size >= parallel_from)
  for (int i = 0; i < op.n; ++i) {
    const std::int32_t sample = op.index[i];
    make(op.images + sample * image_size, sample, batch + i * view_size);
    op.out_labels[i] = op.labels[sample];
  }
}

}  // namespace kernels
