// SPDX-License-Identifier: MIT
#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"

namespace engine {

Tensor reserve_channels(const Tensor& x, int channels) {
  expect_activations("reserve_channels", "input", x);
  require(x.shape().rank() == 4 && x.size() > 0 && channels >= x.shape()[3],
          "reserve_channels: {} is not [n, h, w, c] with one element or more, c at most {}",
          x.shape(), channels);
  const Tensor y = Tensor::with_room(x.shape(), channels - x.shape()[3], x.device(), x.dtype());
  y.copy_from(x);
  trace("reserve_channels", {}, {&x}, y);
  return record("reserve_channels", y, {x},
                [](const Tensor& dy, InputGrads& grads) { grads.out(0).copy_from(dy); });
}

Tensor concat_channels(const Tensor& a, const Tensor& b) {
  expect_activations("concat_channels", "a", a);
  expect("concat_channels", "b", b, a.dtype(), b.shape(), a.device());
  const Shape &p = a.shape(), &q = b.shape();
  require(p.rank() == 4 && q.rank() == 4 && p[0] == q[0] && p[1] == q[1] && p[2] == q[2],
          "concat_channels: {} and {} are not [n, h, w, c] of the same images", p, q);
  require(a.size() > 0 && b.size() > 0, "concat_channels: {} or {} is empty", p, q);
  const int a_channels = p[3], b_channels = q[3];

  Tensor y = a.grown(b_channels);
  const bool in_place = bool(y);
  if (!in_place) {
    y = Tensor::empty(p.with_last(a_channels + b_channels), a.device(), a.dtype());
    y.narrow(0, a_channels).copy_from(a);
  }
  y.narrow(a_channels, b_channels).copy_from(b);
  trace("concat_channels", {}, {&a, &b}, y);
  return record("concat_channels", y, {a, b},
                [a_channels, b_channels, in_place](const Tensor& dy, InputGrads& grads) {
                  if (grads.wanted(1)) grads.out(1).copy_from(dy.narrow(a_channels, b_channels));
                  if (!grads.wanted(0)) return;
                  const Tensor da = dy.narrow(0, a_channels);
                  if (in_place) {  // what gave `a` its room takes a gradient with a pitch
                    grads.pass_on(0, da);
                  } else {
                    grads.out(0).copy_from(da);
                  }
                });
}

}  // namespace engine
