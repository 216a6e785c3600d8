// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/weight_update.h"

namespace kernels {

/// One step of SGD with momentum and weight decay, torch.optim.SGD without dampening:
///   d = g + weight_decay * w;   v <- momentum * v + d
///   w <- w - learning_rate * v,   or with `nesterov`   w - learning_rate * (d + momentum * v)
struct Sgd : WeightUpdate {
  float* velocity;  // [size]  in and out; zero before the first step
  float momentum;
  bool nesterov = false;

  std::size_t bytes() const { return WeightUpdate::bytes() + 8 * size; }
};
void run(Cpu, const Sgd&);
void run(Cuda, const Sgd&);

}  // namespace kernels
