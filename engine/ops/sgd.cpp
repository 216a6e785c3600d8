// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"
#include "kernels/runtime/run.h"

#include "engine/ops.h"
#include "engine/ops/expect.h"

namespace engine {

void sgd(const Tensor& weight, const Tensor& grad, const Tensor& velocity, const Tensor& ema,
         SgdOptions options, const StepState& step) {
  expect("sgd", "weight", weight, DType::f32);
  expect("sgd", "grad", grad, DType::f32, weight.shape(), weight.device());
  expect("sgd", "velocity", velocity, DType::f32, weight.shape(), weight.device());
  if (ema) expect("sgd", "ema", ema, DType::f32, weight.shape(), weight.device());
  expect_step("sgd", step, weight.device());
  require(options.momentum >= 0 && options.momentum < 1, "sgd: momentum {} should be in [0, 1)",
          options.momentum);
  require(options.weight_decay >= 0, "sgd: weight decay {} should not be negative",
          options.weight_decay);
  kernels::run(weight.device(), kernels::Sgd{.weight = weight.data(),
                                             .grad = grad.data(),
                                             .velocity = velocity.data(),
                                             .ema = ema.data(),
                                             .size = weight.size(),
                                             .momentum = options.momentum,
                                             .weight_decay = options.weight_decay,
                                             .step = step.data()});
}

}  // namespace engine
