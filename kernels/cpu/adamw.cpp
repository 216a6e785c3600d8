// SPDX-License-Identifier: MIT
#include "kernels/adamw.h"

#include <cmath>

#include "kernels/cpu/weight_update.h"

namespace kernels {

void run(Cpu, const AdamW& op) {
  const double t = double(op.step->step) + 1, rate = op.step->learning_rate;
  const double correction1 = 1 - std::pow(op.beta1, t), correction2 = 1 - std::pow(op.beta2, t);
  const auto rule = [first = op.first, second = op.second, beta1 = float(op.beta1),
                     rest1 = float(1 - op.beta1), beta2 = float(op.beta2),
                     rest2 = float(1 - op.beta2), kept = float(1 - rate * op.weight_decay),
                     step_size = float(rate / correction1),
                     root_factor = float(1 / std::sqrt(correction2)),
                     epsilon = op.epsilon](std::size_t i, float w, float g) {
    const float m = beta1 * first[i] + rest1 * g;
    const float s = beta2 * second[i] + rest2 * (g * g);
    first[i] = m;
    second[i] = s;
    return kept * w - step_size * m / (std::sqrt(s) * root_factor + epsilon);
  };
  update_weights(op, rule);
}

}  // namespace kernels
