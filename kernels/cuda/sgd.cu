// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/array.h"

namespace kernels {
namespace {

constexpr int threads = 256;

struct Element {
  float weight, velocity, ema;
};

__device__ __forceinline__ Element step(const Sgd& op, float rate, float decay, float weight,
                                        float grad, float velocity, float ema) {
  const float v = op.momentum * velocity + (grad + op.weight_decay * weight);
  const float w = weight - rate * v;
  return {w, v, decay * ema + (1 - decay) * w};
}

// Each thread has four neighbours of all arrays, in 16-byte accesses if they allow it (width 4),
// else one. The scalars of the step come from device memory, so that the launch is the same every
// time.
//   moves   20*size bytes, 28*size with an EMA, and the two scalars
//   launch  ceil(size / (256 width)) blocks of 256 threads
template <int width, bool with_ema>
__global__ void sgd_elements(Sgd op) {
  const float rate = op.step->learning_rate, decay = op.step->ema_decay;
  const std::size_t first = (std::size_t{blockIdx.x} * threads + threadIdx.x) * width;
  if (width == 4 && first + 4 <= op.size) {
    const float4 w = ld4(op.weight + first), g = ld4(op.grad + first), v = ld4(op.velocity + first);
    const float4 m = with_ema ? ld4(op.ema + first) : w;
    const Element x = step(op, rate, decay, w.x, g.x, v.x, m.x);
    const Element y = step(op, rate, decay, w.y, g.y, v.y, m.y);
    const Element z = step(op, rate, decay, w.z, g.z, v.z, m.z);
    const Element t = step(op, rate, decay, w.w, g.w, v.w, m.w);
    st4(op.weight + first, make_float4(x.weight, y.weight, z.weight, t.weight));
    st4(op.velocity + first, make_float4(x.velocity, y.velocity, z.velocity, t.velocity));
    if (with_ema) st4(op.ema + first, make_float4(x.ema, y.ema, z.ema, t.ema));
    return;
  }
  for (std::size_t i = first; i < first + width && i < op.size; ++i) {
    const Element e =
        step(op, rate, decay, op.weight[i], op.grad[i], op.velocity[i], with_ema ? op.ema[i] : 0);
    op.weight[i] = e.weight;
    op.velocity[i] = e.velocity;
    if (with_ema) op.ema[i] = e.ema;
  }
}

}  // namespace

void run(Cuda, const Sgd& op) {
  if (op.weight_copy || op.ema_copy) refuse_type(DType::bf16, DType::f32);
  const bool fours = aligned_for_4(op.weight, op.grad, op.velocity, op.ema);
  const Grid grid(ceil_div(op.size, fours ? 4 * threads : threads), threads);
  if (fours)
    launch(op.ema ? sgd_elements<4, true> : sgd_elements<4, false>, grid, op);
  else
    launch(op.ema ? sgd_elements<1, true> : sgd_elements<1, false>, grid, op);
}

}  // namespace kernels
