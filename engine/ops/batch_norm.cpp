// SPDX-License-Identifier: MIT
#include "kernels/batch_norm.h"

#include <cmath>

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/trace.h"
#include "kernels/merged_batch_norm.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/run.h"

namespace engine {
namespace {

void check(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& running_mean,
           const Tensor& running_var, const BatchNorm& options, const Tensor& residual) {
  expect_activations("batch_norm", "input", x);
  require(x.shape().rank() >= 2 && x.size() > 0,
          "batch_norm: input {} is not [..., channels] with one element or more", x.shape());
  const Shape channels{x.shape()[-1]};
  expect("batch_norm", "gamma", gamma, DType::f32, channels, x.device());
  expect("batch_norm", "beta", beta, DType::f32, channels, x.device());
  expect("batch_norm", "running mean", running_mean, DType::f32, channels, x.device());
  expect("batch_norm", "running variance", running_var, DType::f32, channels, x.device());
  if (residual) expect("batch_norm", "residual", residual, x.dtype(), x.shape(), x.device());
  require(options.eps > 0 && std::isfinite(options.eps), "batch_norm: eps {} should be above 0",
          options.eps);
  require(options.momentum >= 0 && options.momentum <= 1,
          "batch_norm: momentum {} should be from 0 to 1", options.momentum);
}

/// [a..., b..., rows], a rank's part of what is merged.
Tensor part_of_rank(const Tensor& a, const Tensor& b, int rows) {
  const int channels = a.shape()[0];
  const Tensor part = Tensor::empty({2 * channels + 1}, a.device());
  part.slice(0, a.shape()).copy_from(a);
  part.slice(std::size_t(channels), b.shape()).copy_from(b);
  fill(part.slice(2 * std::size_t(channels), {1}), float(rows));
  return part;
}

void run_synchronised(Device device, kernels::BatchNorm op, const Tensor& mean,
                      const Tensor& rstd) {
  op.pass = kernels::BatchNormPass::sums;
  kernels::run(device, op);
  const Tensor parts = all_gather(part_of_rank(mean, rstd, op.rows));
  kernels::run(device, kernels::MergedStatistics{.parts = parts.data(),
                                                 .mean = op.mean,
                                                 .rstd = op.rstd,
                                                 .running_mean = op.running_mean,
                                                 .running_var = op.running_var,
                                                 .ranks = parts.shape()[0],
                                                 .channels = op.channels,
                                                 .eps = op.eps,
                                                 .momentum = op.momentum});
  op.pass = kernels::BatchNormPass::output;
  kernels::run(device, op);
}

/// dgamma and dbeta stay the sums over this rank's rows: as all gradients of parameters they are
/// added up later. dx depends on those of all ranks.
void run_synchronised(Device device, kernels::BatchNormBackward op, const Tensor& dgamma,
                      const Tensor& dbeta) {
  const Tensor of_all = Tensor::empty({2 * op.channels}, device);
  op.pass = kernels::BatchNormPass::sums;
  kernels::run(device, op);
  const Tensor sums = part_of_rank(dgamma, dbeta, op.rows);
  all_reduce(sums);
  op.pass = kernels::BatchNormPass::output;
  op.dgamma = of_all.data();
  op.dbeta = of_all.data() + op.channels;
  kernels::run(device, kernels::MergedGradients{.sums = sums.data(),
                                                .dgamma = op.dgamma,
                                                .dbeta = op.dbeta,
                                                .rows = op.rows,
                                                .channels = op.channels});
  kernels::run(device, op);
}

/// Finds mean and variance of the channels that have come to x since it was asked last.
void find_new(const Tensor& x, KeptChannels& kept, int rows) {
  const int more = x.shape()[-1] - kept.known;
  if (more <= 0) return;
  kernels::BatchNorm op{};
  op.x = x.detach().narrow(kept.known, more).in();
  op.mean = kept.mean.data() + kept.known;
  op.rstd = kept.var.data() + kept.known;
  op.rows = rows;
  op.channels = more;
  op.pass = kernels::BatchNormPass::sums;
  kernels::run(x.device(), op);
  kept.known += more;
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                  const Tensor& running_mean, const Tensor& running_var, BatchNorm options,
                  const Tensor& residual) {
  check(x, gamma, beta, running_mean, running_var, options, residual);
  const Device device = x.device();
  const int channels = x.shape()[-1], rows = rows_of("batch_norm", x.shape());
  const Tensor y = Tensor::empty(x.shape(), device, x.dtype());
  trace("batch_norm", options, {&x, &gamma, &beta, &running_mean, &running_var, &residual}, y);
  if (!options.training) {
    kernels::run(device, kernels::BatchNormInference{.x = x.in(),
                                                     .residual = residual.in(),
                                                     .gamma = gamma.data(),
                                                     .beta = beta.data(),
                                                     .running_mean = running_mean.data(),
                                                     .running_var = running_var.data(),
                                                     .y = y.out(),
                                                     .rows = rows,
                                                     .channels = channels,
                                                     .eps = options.eps,
                                                     .relu = options.relu});
    return y;
  }

  const bool together = options.synchronised && kernels::ranks().count > 1;
  const std::shared_ptr<KeptChannels> kept = together ? nullptr : x.kept();
  const Tensor mean = kept ? kept->mean.slice(0, {channels}) : Tensor::empty({channels}, device),
               rstd = Tensor::empty({channels}, device);
  kernels::BatchNorm forward{.x = x.in(),
                             .residual = residual.in(),
                             .gamma = gamma.data(),
                             .beta = beta.data(),
                             .y = y.out(),
                             .mean = mean.data(),
                             .rstd = rstd.data(),
                             .running_mean = running_mean.data(),
                             .running_var = running_var.data(),
                             .rows = rows,
                             .channels = channels,
                             .eps = options.eps,
                             .momentum = options.momentum,
                             .relu = options.relu};
  if (kept) {
    find_new(x, *kept, rows);
    forward.var = kept->var.data();
    forward.pass = kernels::BatchNormPass::output;
  }
  if (together) {
    run_synchronised(device, forward, mean, rstd);
  } else {
    kernels::run(device, forward);
  }
  // Without a ReLU the residual's gradient is dy itself; with one it is dy masked by y.
  const bool masked_residual = residual && options.relu;
  return record("batch_norm", y, {x, gamma, beta, residual},
                [x = x.detach(), y = masked_residual ? y : Tensor{}, gamma = gamma.detach(),
                 beta = beta.detach(), mean, rstd, rows, channels, relu = options.relu,
                 masked_residual, together, kept](const Tensor& dy, InputGrads& grads) {
                  const auto out = [&](int input, const Tensor& like) {
                    return grads.wanted(input)
                               ? grads.out(input)
                               : Tensor::empty(like.shape(), dy.device(), like.dtype());
                  };
                  // What has come to x from elsewhere is added to: in place, if it may be written
                  // to.
                  const Tensor own = grads.take_own(0);
                  const Tensor dx = own ? own : out(0, x);
                  const Tensor so_far = own ? own : side_by_side(grads.take_so_far(0));
                  const Tensor dgamma = out(1, gamma), dbeta = out(2, beta);
                  const Tensor dresidual = masked_residual ? out(3, x) : Tensor{};
                  if (!masked_residual) grads.give(3, dy);
                  kernels::BatchNormBackward backward{.x = x.in(),
                                                      .y = y.in(),
                                                      .dy = dy.in(),
                                                      .addend = so_far.in(),
                                                      .gamma = gamma.data(),
                                                      .beta = beta.data(),
                                                      .mean = mean.data(),
                                                      .rstd = rstd.data(),
                                                      .dx = dx.out(),
                                                      .dresidual = dresidual.out(),
                                                      .dgamma = dgamma.data(),
                                                      .dbeta = dbeta.data(),
                                                      .rows = rows,
                                                      .channels = channels,
                                                      .relu = relu};
                  if (kept && grads.wanted(0) && !dresidual) {
                    backward.slope = kept->slope.data();
                    backward.offset = kept->offset.data();
                    kept->deferred = true;
                  }
                  if (together) {
                    run_synchronised(dy.device(), backward, dgamma, dbeta);
                  } else {
                    kernels::run(dy.device(), backward);
                  }
                });
}

}  // namespace engine
