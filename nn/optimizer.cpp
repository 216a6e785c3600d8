// SPDX-License-Identifier: MIT
#include "nn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "engine/autograd.h"
#include "kernels/ranks/ranks.h"

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

void Optimizer::sum_from(std::size_t first) {
  const Tensor& all = model_.parameters().gradients();
  const std::size_t end = summed_from_.value_or(all.size());
  if (first < end) engine::begin_sum(all.slice(first, {int(end - first)}));
  summed_from_ = first;
}

void Optimizer::backward(const Tensor& loss) {
  summed_from_.reset();
  const Parameters& parameters = model_.parameters();
  const Tensor& all = parameters.gradients();
  if (kernels::ranks().count == 1 || all.device() == engine::Device::cpu) return loss.backward();
  const std::size_t bucket = kernels::bucket_bytes();
  std::map<std::size_t, bool> complete;  // by the first element
  const auto first_of = [&](const Tensor& gradient) {
    return std::size_t(gradient.data() - all.data());
  };
  for (const NamedTensor& p : parameters.parameters())
    if (p.value.requires_grad()) complete[first_of(p.value.node()->buffer)] = false;
  auto next = complete.rbegin();  // all behind it are complete
  engine::backward(loss, [&](const Tensor& gradient) {
    const auto found = complete.find(first_of(gradient));
    if (found == complete.end()) return;
    found->second = true;
    std::size_t first = all.size();
    for (; next != complete.rend() && next->second; ++next) first = next->first;
    const std::size_t end = summed_from_.value_or(all.size());
    if (first < end && 4 * (end - first) >= bucket) sum_from(first);
  });
}

void Optimizer::step(const engine::StepState& state, Model* ema, bool average_buffers) {
  Parameters& parameters = model_.parameters();
  parameters.complete_grad();
  sum_from(parameters.gradients().size() - parameters.learned(parameters.gradients()).size());
  engine::finish_sums(parameters.gradients().device());
  summed_from_.reset();
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
