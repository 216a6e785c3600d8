// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/ops.h"
#include "nn/model.h"

namespace nn {

/// The learning rate of a step, which changes with its epoch, both counted from 0; over the first
/// `warmup_steps` it rises to that in a straight line: of step i it is (i + 1) / warmup_steps.
struct Schedule {
  enum class Kind : std::uint8_t { multi_step, cosine } kind = Kind::multi_step;
  float base = 0.1f;
  std::vector<int> milestones{};  // multi_step: epochs from which the rate is lower by `factor`
  float factor = 0.1f;
  int epochs = 1;  // cosine: base * (1 + cos(pi epoch / epochs)) / 2
  double warmup_steps = 0;

  float at(int epoch) const;  // when warm
  float at(int epoch, std::uint32_t step) const;
};

/// The EMA's decay at a step counted from 0: min(1 - 1/(step + 1), limit) with the step counted
/// from 1 as in the authors' code, so 1/2 at the first step.
float ema_decay(std::uint32_t step, float limit = 0.999f);

struct OptimizerOptions {
  float momentum = 0.9f;  // sgd
  float weight_decay = 1e-4f;
  bool nesterov = false;  // sgd
  enum class Rule : std::uint8_t { sgd, adamw } rule = Rule::sgd;
  double beta1 = 0.9, beta2 = 0.999;  // adamw
  float epsilon = 1e-8f;              // adamw
  float clip_norm = 0;                // of all gradients together, at most; 0: they stay
};

/// SGD or AdamW over all parameters of a model, and the EMA of its weights if a second model is to
/// follow: one pass over the flat buffers.
class Optimizer {
 public:
  Optimizer(Model& model, const OptimizerOptions& options);

  /// Computes the gradients of a loss. On GPUs of several ranks the sums of all ranks' begin
  /// meanwhile, from the last parameters on, which a backward pass comes to first.
  void backward(const Tensor& loss);

  /// Uses the gradients of the last backward pass, the sums of all ranks' (each of which steps).
  /// `ema`, if not null, gets the averaged parameters and, with `average_buffers`, averaged running
  /// statistics of batch norm.
  void step(const engine::StepState&, Model* ema = nullptr, bool average_buffers = false);

  /// What it keeps from step to step, [size], part of a training state: of sgd "velocity", of
  /// adamw "first_moment" and "second_moment".
  struct Memory {
    std::string name;
    Tensor values;
  };
  const std::vector<Memory>& memory() const { return memory_; }

 private:
  /// Begins the sums of gradients from an element on, as far as they have not begun yet.
  void sum_from(std::size_t first);

  Model& model_;
  OptimizerOptions options_;
  std::optional<std::size_t> summed_from_;  // the first element whose sum has begun
  std::vector<Memory> memory_;
  Tensor nothing_;  // a gradient and a velocity of zeros, for buffers that only are averaged
};

}  // namespace nn
