// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/ops.h"
#include "nn/model.h"

namespace nn {

/// The learning rate of an epoch, counted from 0.
struct Schedule {
  enum class Kind : std::uint8_t { multi_step, cosine } kind = Kind::multi_step;
  float base = 0.1f;
  std::vector<int> milestones{};  // multi_step: epochs from which the rate is lower by `factor`
  float factor = 0.1f;
  int epochs = 1;  // cosine: base * (1 + cos(pi epoch / epochs)) / 2

  float at(int epoch) const;
};

/// The EMA's decay at a step counted from 0: min(1 - 1/(step + 1), limit) with the step counted
/// from 1 as in the authors' code, so 1/2 at the first step.
float ema_decay(std::uint32_t step, float limit = 0.999f);

/// SGD with momentum and weight decay over all parameters of a model, and the EMA of its weights if
/// a second model is to follow: one pass over the flat buffers.
class Optimizer {
 public:
  Optimizer(Model& model, engine::SgdOptions options);

  /// Uses the gradients of the last backward pass. `ema`, if not null, gets the averaged
  /// parameters and, with `average_buffers`, averaged running statistics of batch norm.
  void step(const engine::StepState&, Model* ema = nullptr, bool average_buffers = false);

  const Tensor& velocity() const { return velocity_; }  // [size]; part of a training state

 private:
  Model& model_;
  engine::SgdOptions options_;
  Tensor velocity_;
  Tensor nothing_;  // a gradient and a velocity of zeros, for buffers that only are averaged
};

}  // namespace nn
