// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"
#include "kernels/runtime/run.h"

#include "engine/ops/expect.h"
#include "engine/ops/weight_update.h"

namespace engine {

void sgd(const Tensor& weight, const Tensor& grad, const Tensor& velocity, const Tensor& ema,
         SgdOptions options, const StepState& step, const WeightCopies& copies,
         const Tensor& clip_factor) {
  const kernels::WeightUpdate update =
      weight_update("sgd", weight, grad, ema, options.weight_decay, step, copies, clip_factor);
  expect("sgd", "velocity", velocity, DType::f32, weight.shape(), weight.device());
  require(options.momentum >= 0 && options.momentum < 1, "sgd: momentum {} should be in [0, 1)",
          options.momentum);
  require(!options.nesterov || options.momentum > 0, "sgd: nesterov needs a momentum");
  kernels::run(weight.device(),
               kernels::Sgd{update, velocity.data(), options.momentum, options.nesterov});
}

}  // namespace engine
