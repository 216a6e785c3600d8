// SPDX-License-Identifier: MIT
#include "kernels/count_correct.h"

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "kernels/runtime/run.h"

namespace engine {

void count_correct(const Tensor& logits, const Tensor& label, const Tensor& correct) {
  expect_logits("count_correct", logits);
  expect_labels("count_correct", label, logits);
  expect("count_correct", "correct", correct, DType::i32, {1}, logits.device());
  kernels::run(logits.device(), kernels::CountCorrect{.logits = logits.data(),
                                                      .label = label.data<std::int32_t>(),
                                                      .correct = correct.data<std::int32_t>(),
                                                      .rows = logits.shape()[0],
                                                      .classes = logits.shape()[1]});
}

}  // namespace engine
