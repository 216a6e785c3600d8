// SPDX-License-Identifier: MIT
#include "nn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nn {

float Schedule::at(int epoch) const {
  if (kind == Kind::cosine) {
    return float(base * (1 + std::cos(std::numbers::pi * epoch / epochs)) / 2);
  }
  const auto passed = std::count_if(milestones.begin(), milestones.end(),
                                    [epoch](int milestone) { return milestone <= epoch; });
  return float(base * std::pow(double(factor), double(passed)));
}

float ema_decay(std::uint32_t step, float limit) {
  return std::min(float(1 - 1 / (double(step) + 2)), limit);
}

Optimizer::Optimizer(Model& model, engine::SgdOptions options)
    : model_(model),
      options_(options),
      velocity_(Tensor::zeros(model.parameters().values().shape(),
                              model.parameters().values().device())) {}

void Optimizer::step(const engine::StepState& state, Model* ema) {
  Parameters& parameters = model_.parameters();
  parameters.complete_grad();
  engine::sgd(parameters.values(), parameters.gradients(), velocity_,
              ema ? ema->parameters().values() : Tensor{}, options_, state);
}

}  // namespace nn
