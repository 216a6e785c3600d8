// SPDX-License-Identifier: MIT
#include "kernels/bias.h"

#include <algorithm>

#include "kernels/cpu/parallel.h"

namespace kernels {

void run(Cpu, const AddBias& op) {
#pragma omp parallel for schedule(static) if (std::size_t(op.rows) * op.columns >= parallel_from)
  for (int i = 0; i < op.rows; ++i) {
    float* y = op.y + std::size_t(i) * op.columns;
#pragma omp simd
    for (int j = 0; j < op.columns; ++j) y[j] += op.bias[j];
  }
}

void run(Cpu, const BiasGrad& op) {
  // Each thread owns whole columns, a few cache lines of them at a time, and goes down the rows.
  constexpr int strip = 64;
  const int strips = (op.columns + strip - 1) / strip;
#pragma omp parallel for schedule(static) if (std::size_t(op.rows) * op.columns >= parallel_from)
  for (int s = 0; s < strips; ++s) {
    const int first = s * strip, width = std::min(strip, op.columns - first);
    double sum[strip] = {};
    for (int i = 0; i < op.rows; ++i) {
      const float* dy = op.dy + std::size_t(i) * op.columns + first;
      for (int j = 0; j < width; ++j) sum[j] += dy[j];
    }
    for (int j = 0; j < width; ++j) op.dbias[first + j] = float(sum[j]);
  }
}

}  // namespace kernels
