// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/put.h"

namespace kernels {
namespace {

template <bool with_ema, bool with_copies>
void step(const Sgd& op) {
  // Locals: reached through op, the stores might change them, and the loop would gather and
  // scatter.
  float *const weight = op.weight, *const velocity = op.velocity, *const ema = op.ema;
  const float* const grad = op.grad;
  bf16 *const weight_copy = op.weight_copy, *const ema_copy = op.ema_copy;
  const float rate = op.step->learning_rate, decay = op.step->ema_decay;
  const float momentum = op.momentum, weight_decay = op.weight_decay;
#pragma omp parallel for simd schedule(static) if (op.size >= parallel_from)
  for (std::size_t i = 0; i < op.size; ++i) {
    const float v = momentum * velocity[i] + (grad[i] + weight_decay * weight[i]);
    const float w = weight[i] - rate * v;
    velocity[i] = v;
    weight[i] = w;
    if constexpr (with_copies) put(weight_copy[i], w);
    if constexpr (with_ema) {
      const float average = decay * ema[i] + (1 - decay) * w;
      ema[i] = average;
      if constexpr (with_copies) put(ema_copy[i], average);
    }
  }
}

}  // namespace

void run(Cpu, const Sgd& op) {
  if (op.weight_copy)
    op.ema ? step<true, true>(op) : step<false, true>(op);
  else
    op.ema ? step<true, false>(op) : step<false, false>(op);
}

}  // namespace kernels
