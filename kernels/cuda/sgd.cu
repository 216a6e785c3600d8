// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "kernels/cuda/weight_update.cuh"

namespace kernels {
namespace {

// As weight_update.cuh says: a thread has `width` neighbours.
//   moves   20*size bytes, 28*size with an EMA, 2*size more for each copy, and the scalars
//   launch  ceil(size / (256 width)) blocks of 256 threads
template <int width, bool with_ema>
__global__ void sgd_elements(Sgd op) {
  const float rate = op.step->learning_rate;
  const auto rule = [=]<int count>(Elements<count> at, Lanes<count>& w, const Lanes<count>& g) {
    auto v = Lanes<count>::load(op.velocity + at.first);
#pragma unroll
    for (int k = 0; k < count; ++k) {
      const float d = g.v[k] + op.weight_decay * w.v[k];
      v.v[k] = op.momentum * v.v[k] + d;
      w.v[k] -= rate * (op.nesterov ? d + op.momentum * v.v[k] : v.v[k]);
    }
    v.store(op.velocity + at.first);
  };
  update_weights<width, with_ema>(op, rule);
}

}  // namespace

void run(Cuda, const Sgd& op) {
  const auto launches = [&](auto width, auto with_ema, const Grid& grid) {
    launch(sgd_elements<width, with_ema>, grid, op);
  };
  for_weights(op, op.size, launches, op.velocity);
}

}  // namespace kernels
