// SPDX-License-Identifier: MIT
#include "kernels/adamw.h"
#include "kernels/runtime/run.h"

#include <cmath>

#include "engine/ops/expect.h"
#include "engine/ops/weight_update.h"

namespace engine {

void adamw(const Tensor& weight, const Tensor& grad, const Tensor& first, const Tensor& second,
           const Tensor& ema, AdamWOptions options, const StepState& step,
           const WeightCopies& copies, const Tensor& clip_factor) {
  const kernels::WeightUpdate update =
      weight_update("adamw", weight, grad, ema, options.weight_decay, step, copies, clip_factor);
  expect("adamw", "first moment", first, DType::f32, weight.shape(), weight.device());
  expect("adamw", "second moment", second, DType::f32, weight.shape(), weight.device());
  for (const double beta : {options.beta1, options.beta2})
    require(beta >= 0 && beta < 1, "adamw: beta {} should be in [0, 1)", beta);
  require(options.epsilon > 0 && std::isfinite(options.epsilon),
          "adamw: epsilon {} should be above 0", options.epsilon);
  kernels::run(weight.device(), kernels::AdamW{update, first.data(), second.data(), options.beta1,
                                               options.beta2, options.epsilon});
}

}  // namespace engine
