// SPDX-License-Identifier: MIT
#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"
#include "kernels/bias.h"
#include "kernels/matmul.h"
#include "kernels/runtime/run.h"

namespace engine {

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  expect("linear", "input", x, DType::f32);
  expect("linear", "weight", weight, DType::f32, weight.shape(), x.device());
  expect("linear", "bias", bias, DType::f32, bias.shape(), x.device());
  require(x.shape().rank() == 2, "linear: input {} is not [n, c]", x.shape());
  require(weight.shape().rank() == 2 && weight.shape()[1] == x.shape()[1],
          "linear: weight {} does not fit input {}", weight.shape(), x.shape());
  const int n = x.shape()[0], c = x.shape()[1], k = weight.shape()[0];
  require(bias.shape() == Shape{k}, "linear: bias {} does not fit weight {}", bias.shape(),
          weight.shape());
  require(n > 0 && c > 0 && k > 0, "linear: input {} or weight {} is empty", x.shape(),
          weight.shape());

  const Tensor y = Tensor::empty({n, k}, x.device());
  kernels::run(x.device(), kernels::MatMul{.a = x.in(),
                                           .b = weight.in(),
                                           .y = y.data(),
                                           .m = n,
                                           .n = k,
                                           .k = c,
                                           .transpose_b = true});
  kernels::run(x.device(),
               kernels::AddBias{.y = y.data(), .bias = bias.data(), .rows = n, .columns = k});
  trace("linear", {}, {&x, &weight, &bias}, y);
  return record(
      "linear", y, {x, weight, bias},
      [x = x.detach(), weight = weight.detach(), n, c, k](const Tensor& dy, InputGrads& grads) {
        if (grads.wanted(0)) {
          kernels::run(dy.device(), kernels::MatMul{.a = dy.in(),
                                                    .b = weight.in(),
                                                    .y = grads.out(0).data(),
                                                    .m = n,
                                                    .n = c,
                                                    .k = k});
        }
        if (grads.wanted(1)) {
          kernels::run(dy.device(), kernels::MatMul{.a = dy.in(),
                                                    .b = x.in(),
                                                    .y = grads.out(1).data(),
                                                    .m = k,
                                                    .n = c,
                                                    .k = n,
                                                    .transpose_a = true});
        }
        if (grads.wanted(2)) {
          kernels::run(dy.device(),
                       kernels::BiasGrad{
                           .dy = dy.data(), .dbias = grads.out(2).data(), .rows = n, .columns = k});
        }
      });
}

}  // namespace engine
