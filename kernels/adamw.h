// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/weight_update.h"

namespace kernels {

/// One step of AdamW (Loshchilov & Hutter, "Decoupled weight decay regularization", 2019), as
/// torch.optim.AdamW; t is the number of the step, from 1:
///   m <- beta1 * m + (1 - beta1) * g;   s <- beta2 * s + (1 - beta2) * g^2
///   w <- w - learning_rate * (weight_decay * w + m^ / (sqrt(s^) + epsilon)),
///   m^ = m / (1 - beta1^t),   s^ = s / (1 - beta2^t)
struct AdamW : WeightUpdate {
  float *first, *second;  // [size]  m and s; in and out; zero before the first step
  double beta1, beta2;    // in [0, 1); in double, as 1 - beta2 is small
  float epsilon;          // above 0, so that weights without gradients stay

  std::size_t bytes() const { return WeightUpdate::bytes() + 16 * size; }
};
void run(Cpu, const AdamW&);
void run(Cuda, const AdamW&);

}  // namespace kernels
