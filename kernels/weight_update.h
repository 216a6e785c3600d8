// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/bf16.h"
#include "kernels/runtime/device.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// What the ops have in common that update all parameters of a model in one pass, each by its own
/// rule w <- rule(w, g), with g = clip_factor * grad, or grad if there is no clip_factor. Then the
/// exponential moving average of the weights follows:
///   ema <- ema_decay * ema + (1 - ema_decay) * w     (skipped if ema is null)
/// Convolutions in bf16 read rounded copies of w and ema, which the same pass writes.
struct WeightUpdate {
  float* weight;                // [size]  in and out
  const float* grad;            // [size]
  float* ema;                   // [size]  in and out, or null
  bf16* weight_copy = nullptr;  // [size]  out, or null
  bf16* ema_copy = nullptr;     // [size]  out; null if ema or weight_copy is
  std::size_t size;
  float weight_decay;
  const StepScalars* step;
  const float* clip_factor = nullptr;  // [1]  of the op ClipFactor, or null

  /// Without what the rule keeps.
  std::size_t bytes() const {
    return size * ((ema ? 20 : 12) + (weight_copy ? 2 : 0) + (ema_copy ? 2 : 0)) +
           (clip_factor ? 4 : 0);
  }
};

}  // namespace kernels
