// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/put.h"
#include "kernels/weight_update.h"

namespace kernels {

/// One pass of an op whose rule(i, w, g) gives the new value of weight i. A rule holds what it
/// needs itself: reached through the op, the stores might change it, and the loop would gather and
/// scatter.
template <bool with_ema, bool with_copies, class Rule>
void update_weights_by(const WeightUpdate& op, Rule rule) {
  float *const weight = op.weight, *const ema = op.ema;
  const float* const grad = op.grad;
  bf16 *const weight_copy = op.weight_copy, *const ema_copy = op.ema_copy;
  const float decay = op.step->ema_decay;
  const bool clipped = op.clip_factor != nullptr;
  const float clip_factor = clipped ? *op.clip_factor : 1;
#pragma omp parallel for simd schedule(static) firstprivate(rule) if (op.size >= parallel_from)
  for (std::size_t i = 0; i < op.size; ++i) {
    const float w = rule(i, weight[i], clipped ? clip_factor * grad[i] : grad[i]);
    weight[i] = w;
    if constexpr (with_copies) put(weight_copy[i], w);
    if constexpr (with_ema) {
      const float average = decay * ema[i] + (1 - decay) * w;
      ema[i] = average;
      if constexpr (with_copies) put(ema_copy[i], average);
    }
  }
}

template <class Rule>
void update_weights(const WeightUpdate& op, const Rule& rule) {
  if (op.weight_copy)
    op.ema ? update_weights_by<true, true>(op, rule) : update_weights_by<false, true>(op, rule);
  else
    op.ema ? update_weights_by<true, false>(op, rule) : update_weights_by<false, false>(op, rule);
}

}  // namespace kernels
