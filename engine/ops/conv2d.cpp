// SPDX-License-Identifier: MIT
#include "kernels/conv2d.h"

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"
#include "kernels/runtime/run.h"

namespace engine {
namespace {

kernels::Conv2dShape checked_shape(const Tensor& x, const Tensor& filter, const Conv2d& options) {
  expect_activations("conv2d", "input", x);
  expect("conv2d", "filter", filter, x.dtype(), filter.shape(), x.device());
  require(!recording({filter}) || !filter.requires_grad() || filter.node()->type == DType::f32,
          "conv2d: the gradient of filter {} is to be of f32: give it a buffer", filter.shape());
  const Shape& a = x.shape();
  const Shape& f = filter.shape();
  require(a.rank() == 4, "conv2d: input {} is not [n, h, w, c]", a);
  require(f.rank() == 4, "conv2d: filter {} is not [k, r, s, c]", f);
  require(a[3] == f[3], "conv2d: input {} has {} channels, filter {} wants {}", a, a[3], f, f[3]);
  require(a.size() > 0 && f.size() > 0, "conv2d: input {} or filter {} is empty", a, f);
  require(options.stride >= 1 && options.pad >= 0, "conv2d: stride {} or padding {} is impossible",
          options.stride, options.pad);
  require(a[1] + 2 * options.pad >= f[1] && a[2] + 2 * options.pad >= f[2],
          "conv2d: filter {} is larger than input {} with padding {}", f, a, options.pad);
  return {.n = a[0],
          .h = a[1],
          .w = a[2],
          .c = a[3],
          .k = f[0],
          .r = f[1],
          .s = f[2],
          .stride = options.stride,
          .pad = options.pad};
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& filter, Conv2d options) {
  const kernels::Conv2dShape shape = checked_shape(x, filter, options);
  const Tensor y =
      Tensor::empty({shape.n, shape.out_h(), shape.out_w(), shape.k}, x.device(), x.dtype());
  kernels::run(x.device(),
               kernels::Conv2d{.x = x.in(), .filter = filter.in(), .y = y.out(), .shape = shape});
  trace("conv2d", options, {&x, &filter}, y);
  return record(
      "conv2d", y, {x, filter},
      [x = x.detach(), filter = filter.detach(), shape](const Tensor& dy, InputGrads& grads) {
        if (grads.wanted(0)) {
          const Tensor so_far = grads.take_own(0), dx = so_far ? so_far : grads.out(0);
          kernels::run(dy.device(), kernels::Conv2dInputGrad{.dy = dy.in(),
                                                             .filter = filter.in(),
                                                             .dx = dx.out(),
                                                             .shape = shape,
                                                             .adds = bool(so_far)});
        }
        if (grads.wanted(1)) {
          kernels::run(
              dy.device(),
              kernels::Conv2dFilterGrad{
                  .x = x.in(), .dy = dy.in(), .dfilter = grads.out(1).data(), .shape = shape});
        }
      });
}

}  // namespace engine
