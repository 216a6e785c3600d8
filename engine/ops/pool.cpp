// SPDX-License-Identifier: MIT
#include "kernels/pool.h"

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"
#include "kernels/runtime/run.h"

namespace engine {
namespace {

void check_images(const char* op, const Tensor& x) {
  expect_activations(op, "input", x);
  require(x.shape().rank() == 4 && x.size() > 0,
          "{}: input {} is not [n, h, w, c] with one element or more", op, x.shape());
  rows_of(op, x.shape());
}

kernels::PoolShape checked_shape(const char* op, const Tensor& x, const Pool2d& options) {
  check_images(op, x);
  const auto [window, stride, pad] = options;
  const Shape& in = x.shape();
  require(window >= 1 && stride >= 1, "{}: window {} with stride {} is impossible", op, window,
          stride);
  require(pad >= 0 && 2 * pad <= window,
          "{}: padding {} should be from 0 to half of the window, {}", op, pad, window);
  require(in[1] + 2 * pad >= window && in[2] + 2 * pad >= window,
          "{}: window {}x{} is larger than input {} with padding {}", op, window, window, in, pad);
  return {.n = in[0],
          .h = in[1],
          .w = in[2],
          .c = in[3],
          .window_h = window,
          .window_w = window,
          .stride = stride,
          .pad = pad};
}

Tensor average(const char* op, const Tensor& x, const kernels::PoolShape& shape, const Shape& out,
               DType type, const OpOptions& options = {}) {
  const Tensor y = Tensor::empty(out, x.device(), type);
  kernels::run(x.device(), kernels::AvgPool{.x = x.in(), .y = y.out(), .shape = shape});
  trace(op, options, {&x}, y);
  return record(op, y, {x}, [shape](const Tensor& dy, InputGrads& grads) {
    kernels::run(dy.device(),
                 kernels::AvgPoolGrad{.dy = dy.in(), .dx = grads.out(0).out(), .shape = shape});
  });
}

}  // namespace

Tensor avg_pool(const Tensor& x, Pool2d options) {
  const kernels::PoolShape shape = checked_shape("avg_pool", x, options);
  require(shape.pad == 0, "avg_pool: padding {} is not supported, only 0", shape.pad);
  return average("avg_pool", x, shape, {shape.n, shape.out_h(), shape.out_w(), shape.c}, x.dtype(),
                 options);
}

Tensor global_avg_pool(const Tensor& x) {
  check_images("global_avg_pool", x);
  const Shape& in = x.shape();
  return average("global_avg_pool", x,
                 {.n = in[0],
                  .h = in[1],
                  .w = in[2],
                  .c = in[3],
                  .window_h = in[1],
                  .window_w = in[2],
                  .stride = 1},
                 {in[0], in[3]}, DType::f32);
}

Tensor max_pool(const Tensor& x, Pool2d options) {
  const kernels::PoolShape shape = checked_shape("max_pool", x, options);
  require(shape.window_h * shape.window_w <= 256,
          "max_pool: window {}x{} has more than 256 elements", shape.window_h, shape.window_w);
  const Shape out{shape.n, shape.out_h(), shape.out_w(), shape.c};
  rows_of("max_pool", out);  // padding may make one more row and column
  const Tensor y = Tensor::empty(out, x.device(), x.dtype());
  const Tensor chosen = Tensor::empty(out, x.device(), DType::u8);
  kernels::run(
      x.device(),
      kernels::MaxPool{
          .x = x.in(), .y = y.out(), .chosen = chosen.data<std::uint8_t>(), .shape = shape});
  trace("max_pool", options, {&x}, y);
  return record("max_pool", y, {x}, [chosen, shape](const Tensor& dy, InputGrads& grads) {
    kernels::run(dy.device(), kernels::MaxPoolGrad{.dy = dy.in(),
                                                   .chosen = chosen.data<std::uint8_t>(),
                                                   .dx = grads.out(0).out(),
                                                   .shape = shape});
  });
}

}  // namespace engine
