// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// One step of SGD with momentum and weight decay, as in PyTorch without dampening or Nesterov, and
/// of the exponential moving average of the weights, in one pass over all parameters of a model:
///   v <- momentum * v + (grad + weight_decay * w);   w <- w - learning_rate * v
///   ema <- ema_decay * ema + (1 - ema_decay) * w     (skipped if ema is null)
struct Sgd {
  float* weight;      // [size]  in and out
  const float* grad;  // [size]
  float* velocity;    // [size]  in and out; zero before the first step
  float* ema;         // [size]  in and out, or null
  std::size_t size;
  float momentum, weight_decay;
  const StepScalars* step;

  std::size_t bytes() const { return size * (ema ? 28 : 20); }
};
void run(Cpu, const Sgd&);
void run(Cuda, const Sgd&);

}  // namespace kernels
