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

void Optimizer::step(const engine::StepState& state, Model* ema, bool average_buffers) {
  Parameters& parameters = model_.parameters();
  parameters.complete_grad();
  engine::sgd(parameters.values(), parameters.gradients(), velocity_,
              ema ? ema->parameters().values() : Tensor{}, options_, state,
              {parameters.rounded(), ema ? ema->parameters().rounded() : Tensor{}});
  if (!ema || !average_buffers) return;
  const Tensor& running = parameters.running();
  if (!nothing_) nothing_ = Tensor::zeros({2 * int(running.size())}, running.device());
  engine::sgd(running, nothing_.slice(0, running.shape()),
              nothing_.slice(running.size(), running.shape()), ema->parameters().running(),
              {.weight_decay = 0}, state);
}

}  // namespace nn
