// SPDX-License-Identifier: MIT
#include "kernels/count_correct.h"

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "kernels/runtime/run.h"

namespace engine {

void count_correct(const Tensor& logits, const Tensor& label, const Tensor& correct,
                   const StepLoss& noted) {
  expect_logits("count_correct", logits);
  expect_labels("count_correct", label, logits);
  expect("count_correct", "correct", correct, DType::i32, {1}, logits.device());
  if (noted.losses) {
    expect("count_correct", "loss", noted.loss, DType::f32, {1}, logits.device());
    expect("count_correct", "losses", noted.losses, DType::f32, noted.losses.shape(),
           logits.device());
    expect_step("count_correct", *noted.step, logits.device());
  }
  kernels::run(logits.device(),
               kernels::CountCorrect{.logits = logits.data(),
                                     .label = label.data<std::int32_t>(),
                                     .correct = correct.data<std::int32_t>(),
                                     .rows = logits.shape()[0],
                                     .classes = logits.shape()[1],
                                     .loss = noted.loss.data(),
                                     .losses = noted.losses.data(),
                                     .step = noted.step ? noted.step->data() : nullptr});
}

}  // namespace engine
