// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"
#include "kernels/runtime/run.h"

namespace engine {

Tensor add(const Tensor& a, const Tensor& b) {
  expect_activations("add", "a", a);
  expect("add", "b", b, a.dtype(), a.shape(), a.device());
  const Tensor y = Tensor::empty(a.shape(), a.device(), a.dtype());
  kernels::run(y.device(), kernels::Add{.a = a.in(), .b = b.in(), .y = y.out(), .size = y.size()});
  trace("add", {}, {&a, &b}, y);
  return record("add", y, {a, b}, [](const Tensor& dy, InputGrads& grads) {
    grads.give(0, dy);
    grads.give(1, dy);
  });
}

Tensor scale(const Tensor& x, const Tensor& factor) {
  expect("scale", "x", x, DType::f32);
  expect("scale", "factor", factor, DType::f32, factor.shape(), x.device());
  require(factor.size() == 1, "scale: factor is {}, should be one element", factor.shape());
  const auto scaled = [f = factor.detach()](const Tensor& in, const Tensor& out) {
    kernels::run(
        in.device(),
        kernels::Scale{.x = in.in(), .factor = f.data(), .y = out.out(), .size = in.size()});
  };
  const Tensor y = Tensor::empty(x.shape(), x.device());
  scaled(x, y);
  return record("scale", y, {x},
                [scaled](const Tensor& dy, InputGrads& grads) { scaled(dy, grads.out(0)); });
}

Tensor mean(const Tensor& x) {
  expect("mean", "x", x, DType::f32);
  require(x.size() > 0, "mean: x {} has no elements", x.shape());
  const Tensor y = Tensor::empty({1}, x.device());
  kernels::run(x.device(), kernels::Mean{.x = x.data(), .y = y.data(), .size = x.size()});
  return record("mean", y, {x}, [](const Tensor& dy, InputGrads& grads) {
    const Tensor dx = grads.out(0);
    kernels::run(dx.device(),
                 kernels::Fill{.y = dx.data(), .size = dx.size(), .value = 1 / float(dx.size())});
    kernels::run(
        dx.device(),
        kernels::Scale{.x = dx.in(), .factor = dy.data(), .y = dx.out(), .size = dx.size()});
  });
}

void convert(const Tensor& x, const Tensor& y) {
  expect_activations("convert", "x", x);
  expect_activations("convert", "y", y);
  expect("convert", "y", y, y.dtype(), x.shape(), x.device());
  kernels::run(y.device(), kernels::Convert{.x = x.in(), .y = y.out(), .size = y.size()});
}

void fill(const Tensor& y, float value) {
  expect("fill", "y", y, DType::f32);
  kernels::run(y.device(), kernels::Fill{.y = y.data(), .size = y.size(), .value = value});
}

}  // namespace engine
