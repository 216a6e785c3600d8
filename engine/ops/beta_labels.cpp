// SPDX-License-Identifier: MIT
#include "kernels/beta_labels.h"

#include <cmath>

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "kernels/runtime/run.h"

namespace engine {

Tensor beta_labels(const Tensor& logits, const Tensor& label, const StepState& step, float a,
                   kernels::BetaRanking ranking, std::uint64_t seed) {
  const bool ranked = ranking != kernels::BetaRanking::random;
  if (ranked) {
    expect_logits("beta_labels", logits);
    expect_labels("beta_labels", label, logits);
  } else {
    expect("beta_labels", "label", label, DType::i32);
    require(label.shape().rank() == 1, "beta_labels: label {} should be [rows]", label.shape());
  }
  expect_step("beta_labels", step, label.device());
  require(a > 0 && std::isfinite(a), "beta_labels: a {} should be above 0", a);
  const int rows = label.shape()[0];
  Tensor b = Tensor::empty({rows}, label.device());
  kernels::run(b.device(), kernels::BetaLabels{.logits = ranked ? logits.data() : nullptr,
                                               .label = label.data<std::int32_t>(),
                                               .b = b.data(),
                                               .step = step.data(),
                                               .rows = rows,
                                               .classes = ranked ? logits.shape()[1] : 0,
                                               .a = a,
                                               .ranking = ranking,
                                               .seed = seed});
  return b;
}

}  // namespace engine
