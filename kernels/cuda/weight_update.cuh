// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/cuda/elements.cuh"
#include "kernels/weight_update.h"

/// How kernels update weights in one pass: a thread has four neighbours of all arrays, in one
/// access of each if they allow it (width 4), else one. The scalars of the step come from device
/// memory, so that the launch is the same every time.
namespace kernels {
namespace {

/// The part of a thread. rule(at, w, g) takes the weights from `at` on and their gradients, and
/// leaves the new weights in w.
template <int width, bool with_ema, class Rule>
__device__ __forceinline__ void update_weights(const WeightUpdate& op, Rule rule) {
  const float decay = op.step->ema_decay;
  const float clip_factor = op.clip_factor ? *op.clip_factor : 1;
  visit_elements<width>(op.size, [=]<int count>(Elements<count> at) {
    using Lanes = Lanes<count>;
    Lanes w = Lanes::load(op.weight + at.first), g = Lanes::load(op.grad + at.first), ema{};
    if (with_ema) ema = Lanes::load(op.ema + at.first);
#pragma unroll
    for (int k = 0; k < count; ++k)
      if (op.clip_factor) g.v[k] *= clip_factor;
    rule(at, w, g);
#pragma unroll
    for (int k = 0; k < count; ++k) ema.v[k] = decay * ema.v[k] + (1 - decay) * w.v[k];
    w.store(op.weight + at.first);
    if (op.weight_copy) w.store(op.weight_copy + at.first);
    if (with_ema) ema.store(op.ema + at.first);
    if (with_ema && op.ema_copy) ema.store(op.ema_copy + at.first);
  });
}

/// launches(width, with_ema, grid), the first two being constants, for an op whose rule keeps
/// `arrays`.
template <class Launches, class... Pointers>
void for_weights(const WeightUpdate& op, ElementCount size, Launches launches, Pointers... arrays) {
  const auto of_width = [&](auto width, const Grid& grid) {
    op.ema ? launches(width, std::true_type{}, grid) : launches(width, std::false_type{}, grid);
  };
  for_elements<float>(size, of_width, op.weight, op.grad, op.ema, op.weight_copy, op.ema_copy,
                      arrays...);
}

}  // namespace
}  // namespace kernels
