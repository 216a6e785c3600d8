// SPDX-License-Identifier: MIT
#include "engine/ops/mean_loss.h"
#include "kernels/runtime/run.h"

#include "engine/autograd.h"
#include "kernels/elementwise.h"

namespace engine {

Tensor mean_loss(const char* name, const Tensor& logits, const Tensor& losses, const Tensor& grad) {
  const Tensor y = Tensor::empty({1}, logits.device());
  kernels::run(logits.device(),
               kernels::Mean{.x = losses.data(), .y = y.data(), .size = losses.size()});
  // What remains of the backward pass is the factor from above.
  return record(name, y, {logits}, [grad](const Tensor& dy, InputGrads& grads) {
    if (is_one(dy)) return grads.give(0, grad);
    kernels::run(
        dy.device(),
        kernels::Scale{
            .x = grad.in(), .factor = dy.data(), .y = grads.out(0).out(), .size = grad.size()});
  });
}

}  // namespace engine
