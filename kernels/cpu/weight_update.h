// SPDX-License-Identifier: MIT
#pragma once
#include <type_traits>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/put.h"
#include "kernels/weight_update.h"

namespace kernels {

/// use(flag), as a constant: with what the compiler takes for a variable a loop may stay scalar.
template <class Use>
void with_constant(bool flag, const Use& use) {
  flag ? use(std::true_type{}) : use(std::false_type{});
}

template <bool with_ema, bool with_copies, bool clipped, class Rule>
void update_weights_by(const WeightUpdate& op, Rule rule) {
  float *const weight = op.weight, *const ema = op.ema;
  const float* const grad = op.grad;
  bf16 *const weight_copy = op.weight_copy, *const ema_copy = op.ema_copy;
  const float decay = op.step->ema_decay;
  [[maybe_unused]] const float clip_factor = clipped ? *op.clip_factor : 1;
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

/// One pass of an op whose rule(i, w, g) gives the new value of weight i. A rule holds what it
/// needs itself: reached through the op, the stores might change it, and the loop would gather and
/// scatter.
template <class Rule>
void update_weights(const WeightUpdate& op, const Rule& rule) {
  with_constant(op.ema, [&](auto with_ema) {
    with_constant(op.weight_copy, [&](auto with_copies) {
      with_constant(op.clip_factor, [&](auto clipped) {
        update_weights_by<with_ema, with_copies, clipped>(op, rule);
      });
    });
  });
}

}  // namespace kernels
