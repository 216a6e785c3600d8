// SPDX-License-Identifier: MIT
#include "kernels/clip_factor.h"

#include <cmath>

#include "kernels/cpu/parallel.h"

namespace kernels {

void run(Cpu, const ClipFactor& op) {
  const int parts = ClipFactor::parts(op.size);
#pragma omp parallel for schedule(static) if (op.size >= parallel_from)
  for (int part = 0; part < parts; ++part) {
    const std::size_t begin = op.size * part / parts, end = op.size * (part + 1) / parts;
    const float* const grad = op.grad;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = begin; i < end; ++i) sum += double(grad[i]) * double(grad[i]);
    op.partial_sums[part] = sum;
  }
  double sum = 0;
  for (int part = 0; part < parts; ++part) sum += op.partial_sums[part];
  const double factor = double(op.max_norm) / (std::sqrt(sum) + 1e-6);
  *op.factor = factor > 1 ? 1.0f : float(factor);  // NaN stays NaN
}

}  // namespace kernels
