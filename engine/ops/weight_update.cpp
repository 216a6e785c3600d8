// SPDX-License-Identifier: MIT
#include "engine/ops/weight_update.h"

#include "engine/ops/expect.h"

namespace engine {

kernels::WeightUpdate weight_update(const char* op, const Tensor& weight, const Tensor& grad,
                                    const Tensor& ema, float weight_decay, const StepState& step,
                                    const WeightCopies& copies, const Tensor& clip_factor) {
  expect(op, "weight", weight, DType::f32);
  const auto expect_like_weight = [&](const char* name, const Tensor& t, DType type) {
    expect(op, name, t, type, weight.shape(), weight.device());
  };
  expect_like_weight("grad", grad, DType::f32);
  if (ema) expect_like_weight("ema", ema, DType::f32);
  if (copies.weight || copies.ema) expect_like_weight("weight copy", copies.weight, DType::bf16);
  if (copies.ema || (copies.weight && ema)) {
    require(bool(ema), "{}: there is no ema to copy", op);
    expect_like_weight("ema copy", copies.ema, DType::bf16);
  }
  if (clip_factor) expect(op, "clip factor", clip_factor, DType::f32, {1}, weight.device());
  expect_step(op, step, weight.device());
  require(weight_decay >= 0, "{}: weight decay {} should not be negative", op, weight_decay);
  return {.weight = weight.data(),
          .grad = grad.data(),
          .ema = ema.data(),
          .weight_copy = copies.weight.data<kernels::bf16>(),
          .ema_copy = copies.ema.data<kernels::bf16>(),
          .size = weight.size(),
          .weight_decay = weight_decay,
          .step = step.data(),
          .clip_factor = clip_factor.data()};
}

}  // namespace engine
