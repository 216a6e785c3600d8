// SPDX-License-Identifier: MIT
#include "kernels/concat_channels.h"

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"
#include "kernels/runtime/run.h"

namespace engine {

Tensor concat_channels(const Tensor& a, const Tensor& b) {
  expect_activations("concat_channels", "a", a);
  expect("concat_channels", "b", b, a.dtype(), b.shape(), a.device());
  const Shape &p = a.shape(), &q = b.shape();
  require(p.rank() == 4 && q.rank() == 4 && p[0] == q[0] && p[1] == q[1] && p[2] == q[2],
          "concat_channels: {} and {} are not [n, h, w, c] of the same images", p, q);
  require(a.size() > 0 && b.size() > 0, "concat_channels: {} or {} is empty", p, q);
  const int rows = rows_of("concat_channels", p), a_channels = p[3], b_channels = q[3];

  const Tensor y =
      Tensor::empty({p[0], p[1], p[2], a_channels + b_channels}, a.device(), a.dtype());
  kernels::run(a.device(), kernels::ConcatChannels{.a = a.in(),
                                                   .b = b.in(),
                                                   .y = y.out(),
                                                   .rows = rows,
                                                   .a_channels = a_channels,
                                                   .b_channels = b_channels});
  trace("concat_channels", {}, {&a, &b}, y);
  return record("concat_channels", y, {a, b},
                [rows, a_channels, b_channels](const Tensor& dy, InputGrads& grads) {
                  const Tensor da = grads.wanted(0) ? grads.out(0) : Tensor{};
                  const Tensor db = grads.wanted(1) ? grads.out(1) : Tensor{};
                  kernels::run(dy.device(), kernels::SplitChannels{.dy = dy.in(),
                                                                   .da = da.out(),
                                                                   .db = db.out(),
                                                                   .rows = rows,
                                                                   .a_channels = a_channels,
                                                                   .b_channels = b_channels});
                });
}

}  // namespace engine
