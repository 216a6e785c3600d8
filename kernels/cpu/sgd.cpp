// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "kernels/cpu/weight_update.h"

namespace kernels {

void run(Cpu, const Sgd& op) {
  with_constant(op.nesterov, [&](auto flag) {
    constexpr bool nesterov = decltype(flag)::value;
    const auto rule = [velocity = op.velocity, rate = op.step->learning_rate,
                       momentum = op.momentum,
                       weight_decay = op.weight_decay](std::size_t i, float w, float g) {
      const float d = g + weight_decay * w;
      const float v = momentum * velocity[i] + d;
      velocity[i] = v;
      return w - rate * (nesterov ? d + momentum * v : v);
    };
    update_weights(op, rule);
  });
}

}  // namespace kernels
