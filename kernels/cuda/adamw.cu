// SPDX-License-Identifier: MIT
#include "kernels/adamw.h"

#include <cmath>

#include "kernels/cuda/weight_update.cuh"

namespace kernels {
namespace {

/// Computed once in double on the host, but for what depends on the step: that is -expm1(t log
/// beta), which a float has to the last digits, however near beta is to 1.
struct Constants {
  float beta1, rest1, beta2, rest2;  // rest: 1 - beta
  float log_beta1, log_beta2;
};

// As weight_update.cuh says: a thread has `width` neighbours.
//   moves   28*size bytes, 36*size with an EMA, 2*size more for each copy, and the scalars
//   launch  ceil(size / (256 width)) blocks of 256 threads
template <int width, bool with_ema>
__global__ void adamw_elements(AdamW op, Constants k) {
  const float t = float(op.step->step) + 1, rate = op.step->learning_rate;
  const float step_size = rate / -expm1f(t * k.log_beta1);
  const float root_factor = 1 / sqrtf(-expm1f(t * k.log_beta2));
  const auto rule = [=]<int count>(Elements<count> at, Lanes<count>& w, const Lanes<count>& g) {
    auto m = Lanes<count>::load(op.first + at.first), s = Lanes<count>::load(op.second + at.first);
#pragma unroll
    for (int i = 0; i < count; ++i) {
      m.v[i] = k.beta1 * m.v[i] + k.rest1 * g.v[i];
      s.v[i] = k.beta2 * s.v[i] + k.rest2 * (g.v[i] * g.v[i]);
      w.v[i] -= rate * op.weight_decay * w.v[i];
      w.v[i] -= step_size * m.v[i] / (sqrtf(s.v[i]) * root_factor + op.epsilon);
    }
    m.store(op.first + at.first);
    s.store(op.second + at.first);
  };
  update_weights<width, with_ema>(op, rule);
}

}  // namespace

void run(Cuda, const AdamW& op) {
  const Constants constants{.beta1 = float(op.beta1),
                            .rest1 = float(1 - op.beta1),
                            .beta2 = float(op.beta2),
                            .rest2 = float(1 - op.beta2),
                            .log_beta1 = float(std::log(op.beta1)),
                            .log_beta2 = float(std::log(op.beta2))};
  const auto launches = [&](auto width, auto with_ema, const Grid& grid) {
    launch(adamw_elements<width, with_ema>, grid, op, constants);
  };
  for_weights(op, op.size, launches, op.first, op.second);
}

}  // namespace kernels
