// SPDX-License-Identifier: MIT
#include "kernels/zipf_loss.h"
#include "kernels/runtime/run.h"

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/ops/mean_loss.h"

namespace engine {

Tensor zipf_loss(const Tensor& logits, const Tensor& label, float weight) {
  constexpr const char* op = "zipf_loss";
  expect_logits(op, logits);
  expect_labels(op, label, logits);
  require(weight >= 0 && std::isfinite(weight), "{}: weight {} should be 0 or a number above", op,
          weight);
  const int rows = logits.shape()[0];
  const Tensor losses = Tensor::empty({rows}, logits.device());
  const Tensor grad =
      recording({logits}) ? Tensor::empty(logits.shape(), logits.device()) : Tensor{};
  kernels::run(logits.device(), kernels::ZipfLoss{.logits = logits.data(),
                                                  .label = label.data<std::int32_t>(),
                                                  .loss = losses.data(),
                                                  .grad = grad.data(),
                                                  .rows = rows,
                                                  .classes = logits.shape()[1],
                                                  .weight = weight});
  return mean_loss(op, logits, losses, grad);
}

}  // namespace engine
