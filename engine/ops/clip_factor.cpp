// SPDX-License-Identifier: MIT
#include "kernels/clip_factor.h"
#include "kernels/runtime/run.h"

#include <cmath>

#include "engine/ops.h"
#include "engine/ops/expect.h"

namespace engine {

Tensor clip_factor(const Tensor& grad, float max_norm) {
  expect("clip_factor", "grad", grad, DType::f32);
  require(max_norm > 0 && std::isfinite(max_norm), "clip_factor: a norm of {} should be above 0",
          max_norm);
  const int parts = kernels::ClipFactor::parts(grad.size());
  const Tensor sums = Tensor::empty({parts * int(sizeof(double))}, grad.device(), DType::u8),
               factor = Tensor::empty({1}, grad.device());
  kernels::run(grad.device(), kernels::ClipFactor{.grad = grad.data(),
                                                  .partial_sums = static_cast<double*>(sums.raw()),
                                                  .factor = factor.data(),
                                                  .size = grad.size(),
                                                  .max_norm = max_norm});
  return factor;
}

}  // namespace engine
