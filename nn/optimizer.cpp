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

float Schedule::at(int epoch, std::uint32_t step) const {
  const double warm = double(step) + 1;
  return warm < warmup_steps ? float(at(epoch) * warm / warmup_steps) : at(epoch);
}

float ema_decay(std::uint32_t step, float limit) {
  return std::min(float(1 - 1 / (double(step) + 2)), limit);
}

Optimizer::Optimizer(Model& model, const OptimizerOptions& options)
    : model_(model), options_(options) {
  const auto remember = [&](const char* name) {
    const Tensor& values = model.parameters().values();
    memory_.push_back({name, Tensor::zeros(values.shape(), values.device())});
  };
  if (options.rule == OptimizerOptions::Rule::sgd) {
    remember("velocity");
  } else {
    remember("first_moment");
    remember("second_moment");
  }
}

void Optimizer::step(const engine::StepState& state, Model* ema, bool average_buffers) {
  Parameters& parameters = model_.parameters();
  parameters.complete_grad();
  engine::all_reduce(parameters.learned(parameters.gradients()));
  const OptimizerOptions& o = options_;
  const auto learned = [&](const Tensor& flat) { return parameters.learned(flat); };
  const Tensor weights = learned(parameters.values()), gradients = learned(parameters.gradients());
  const Tensor average = ema ? learned(ema->parameters().values()) : Tensor{};
  const engine::WeightCopies copies{learned(parameters.rounded()),
                                    ema ? learned(ema->parameters().rounded()) : Tensor{}};
  const Tensor factor = o.clip_norm > 0 ? engine::clip_factor(gradients, o.clip_norm) : Tensor{};
  if (o.rule == OptimizerOptions::Rule::sgd) {
    engine::sgd(weights, gradients, learned(memory_[0].values), average,
                {o.momentum, o.weight_decay, o.nesterov}, state, copies, factor);
  } else {
    engine::adamw(weights, gradients, learned(memory_[0].values), learned(memory_[1].values),
                  average, {o.beta1, o.beta2, o.epsilon, o.weight_decay}, state, copies, factor);
  }
  if (!ema || !average_buffers) return;
  const Tensor& running = parameters.running();
  if (!nothing_) nothing_ = Tensor::zeros({2 * int(running.size())}, running.device());
  engine::sgd(running, nothing_.slice(0, running.shape()),
              nothing_.slice(running.size(), running.shape()), ema->parameters().running(),
              {.weight_decay = 0}, state);
}

}  // namespace nn
