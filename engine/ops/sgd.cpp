// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"
#include "kernels/runtime/run.h"

#include "engine/ops.h"
#include "engine/ops/expect.h"

namespace engine {

void sgd(const Tensor& weight, const Tensor& grad, const Tensor& velocity, const Tensor& ema,
         SgdOptions options, const StepState& step, const SgdCopies& copies) {
  expect("sgd", "weight", weight, DType::f32);
  const auto expect_like_weight = [&](const char* name, const Tensor& t, DType type) {
    expect("sgd", name, t, type, weight.shape(), weight.device());
  };
  expect_like_weight("grad", grad, DType::f32);
  expect_like_weight("velocity", velocity, DType::f32);
  if (ema) expect_like_weight("ema", ema, DType::f32);
  if (copies.weight || copies.ema) expect_like_weight("weight copy", copies.weight, DType::bf16);
  if (copies.ema || (copies.weight && ema)) {
    require(bool(ema), "sgd: there is no ema to copy");
    expect_like_weight("ema copy", copies.ema, DType::bf16);
  }
  expect_step("sgd", step, weight.device());
  require(options.momentum >= 0 && options.momentum < 1, "sgd: momentum {} should be in [0, 1)",
          options.momentum);
  require(options.weight_decay >= 0, "sgd: weight decay {} should not be negative",
          options.weight_decay);
  kernels::run(weight.device(), kernels::Sgd{.weight = weight.data(),
                                             .grad = grad.data(),
                                             .velocity = velocity.data(),
                                             .ema = ema.data(),
                                             .weight_copy = copies.weight.data<kernels::bf16>(),
                                             .ema_copy = copies.ema.data<kernels::bf16>(),
                                             .size = weight.size(),
                                             .momentum = options.momentum,
                                             .weight_decay = options.weight_decay,
                                             .step = step.data()});
}

}  // namespace engine
