// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "kernels/cuda/elements.cuh"

namespace kernels {
namespace {

// Each thread has four neighbours of all arrays, in one access of each if they allow it (width 4),
// else one. The scalars of the step come from device memory, so that the launch is the same every
// time.
//   moves   20*size bytes, 28*size with an EMA, 2*size more for each copy, and the two scalars
//   launch  ceil(size / (256 width)) blocks of 256 threads
template <int width, bool with_ema>
__global__ void sgd_elements(Sgd op) {
  const float rate = op.step->learning_rate, decay = op.step->ema_decay;
  visit_elements<width>(op.size, [=]<int count>(Elements<count> at) {
    using Lanes = Lanes<count>;
    Lanes w = Lanes::load(op.weight + at.first), v = Lanes::load(op.velocity + at.first), ema{};
    const Lanes grad = Lanes::load(op.grad + at.first);
    if (with_ema) ema = Lanes::load(op.ema + at.first);
#pragma unroll
    for (int k = 0; k < count; ++k) {
      v.v[k] = op.momentum * v.v[k] + (grad.v[k] + op.weight_decay * w.v[k]);
      w.v[k] -= rate * v.v[k];
      ema.v[k] = decay * ema.v[k] + (1 - decay) * w.v[k];
    }
    w.store(op.weight + at.first);
    v.store(op.velocity + at.first);
    if (op.weight_copy) w.store(op.weight_copy + at.first);
    if (with_ema) ema.store(op.ema + at.first);
    if (with_ema && op.ema_copy) ema.store(op.ema_copy + at.first);
  });
}

}  // namespace

void run(Cuda, const Sgd& op) {
  for_elements<float>(
      op.size,
      [&](auto width, const Grid& grid) {
        launch(op.ema ? sgd_elements<width, true> : sgd_elements<width, false>, grid, op);
      },
      op.weight, op.grad, op.velocity, op.ema, op.weight_copy, op.ema_copy);
}

}  // namespace kernels
