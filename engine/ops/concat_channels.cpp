// SPDX-License-Identifier: MIT
#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"
#include "kernels/batch_norm.h"
#include "kernels/runtime/run.h"

namespace engine {
namespace {

/// The gradient of channels [first, first + those of `dx`) of x, all of whose readers have added to
/// `so_far`.
void complete_gradient(const Tensor& x, int first, const Tensor& so_far, const Tensor& dx) {
  const int channels = dx.shape()[-1];
  const Tensor part = so_far.narrow(first, channels);
  if (!x.kept() || !x.kept()->deferred) return dx.copy_from(part);
  const KeptChannels& kept = *x.kept();
  kernels::run(dx.device(),
               kernels::BatchNormRemainder{.x = x.narrow(first, channels).in(),
                                           .so_far = part.in(),
                                           .mean = kept.mean.data() + first,
                                           .slope = kept.slope.data() + first,
                                           .offset = kept.offset.data() + first,
                                           .dx = dx.out(),
                                           .rows = rows_of("concat_channels", dx.shape()),
                                           .channels = channels});
}

}  // namespace

Tensor reserve_channels(const Tensor& x, int channels) {
  expect_activations("reserve_channels", "input", x);
  require(x.shape().rank() == 4 && x.size() > 0 && channels >= x.shape()[3],
          "reserve_channels: {} is not [n, h, w, c] with one element or more, c at most {}",
          x.shape(), channels);
  Tensor y = Tensor::with_room(x.shape(), channels - x.shape()[3], x.device(), x.dtype());
  y.copy_from(x);
  if (recording({x})) {
    const Tensor all = Tensor::zeros({4, channels}, x.device());
    const auto row = [&](int i) { return all.slice(std::size_t(i) * channels, {channels}); };
    y.keep(std::make_shared<KeptChannels>(KeptChannels{row(0), row(1), row(2), row(3)}));
  }
  trace("reserve_channels", {}, {&x}, y);
  return record("reserve_channels", y, {x}, [y = y.detach()](const Tensor& dy, InputGrads& grads) {
    complete_gradient(y, 0, dy, grads.out(0));
  });
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
                [a_channels, grown = in_place ? y.detach() : Tensor{}, in_place](
                    const Tensor& dy, InputGrads& grads) {
                  if (grads.wanted(1)) complete_gradient(grown, a_channels, dy, grads.out(1));
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
