// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/bf16.h"
#include "kernels/runtime/device.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// One step of SGD with momentum and weight decay, as in PyTorch without dampening or Nesterov, and
/// of the exponential moving average of the weights, in one pass over all parameters of a model:
///   v <- momentum * v + (grad + weight_decay * w);   w <- w - learning_rate * v
///   ema <- ema_decay * ema + (1 - ema_decay) * w     (skipped if ema is null)
/// Convolutions in bf16 read rounded copies of w and ema, which the same pass writes.
struct Sgd {
  float* weight;                // [size]  in and out
  const float* grad;            // [size]
  float* velocity;              // [size]  in and out; zero before the first step
  float* ema;                   // [size]  in and out, or null
  bf16* weight_copy = nullptr;  // [size]  out, or null
  bf16* ema_copy = nullptr;     // [size]  out; null if ema or weight_copy is
  std::size_t size;
  float momentum, weight_decay;
  const StepScalars* step;

  std::size_t bytes() const {
    return size * ((ema ? 28 : 20) + (weight_copy ? 2 : 0) + (ema_copy ? 2 : 0));
  }
};
void run(Cpu, const Sgd&);
void run(Cuda, const Sgd&);

}  // namespace kernels
