// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "kernels/cpu/parallel.h"

namespace kernels {
namespace {

template <bool with_ema>
void step(const Sgd& op) {
  const float rate = op.step->learning_rate, decay = op.step->ema_decay;
#pragma omp parallel for simd schedule(static) if (op.size >= parallel_from)
  for (std::size_t i = 0; i < op.size; ++i) {
    const float v = op.momentum * op.velocity[i] + (op.grad[i] + op.weight_decay * op.weight[i]);
    const float w = op.weight[i] - rate * v;
    op.velocity[i] = v;
    op.weight[i] = w;
    if constexpr (with_ema) op.ema[i] = decay * op.ema[i] + (1 - decay) * w;
  }
}

}  // namespace

void run(Cpu, const Sgd& op) { op.ema ? step<true>(op) : step<false>(op); }

}  // namespace kernels
