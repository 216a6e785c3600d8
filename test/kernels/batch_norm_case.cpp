// SPDX-License-Identifier: MIT
#include "test/kernels/batch_norm_case.h"
#include "kernels/runtime/run.h"

#include <algorithm>
#include <cmath>

namespace test::batch_norm {

Input make_input(int rows, int channels, bool has_residual, float mean, DType type) {
  const std::size_t size = std::size_t(rows) * channels;
  Input in{.type = type,
           .rows = rows,
           .channels = channels,
           .x = random_values(size, -2, 2, 1),
           .residual = random_values(has_residual ? size : 0, -1, 1, 2),
           .gamma = random_values(channels, 0.5f, 1.5f, 3),
           .beta = random_values(channels, -0.5f, 0.5f, 4),
           .dy = random_values(size, -1, 1, 5),
           .addend = random_values(size, -1, 1, 7),
           .running_mean = Floats(channels, 2),
           .running_var = Floats(channels, 4)};
  const Floats means = random_values(channels, -mean, mean, 6);
  for (std::size_t i = 0; i < size; ++i) in.x[i] += means[i % channels];
  for (Floats* activations : {&in.x, &in.residual, &in.dy, &in.addend})
    *activations = rounded(type, std::move(*activations));
  return in;
}

Statistics statistics(const Input& in) {
  Statistics s{Doubles(in.channels), Doubles(in.channels)};
  for (std::size_t i = 0; i < in.size(); ++i) s.mean[i % in.channels] += double(in.x[i]) / in.rows;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double deviation = in.x[i] - s.mean[i % in.channels];
    s.var[i % in.channels] += deviation * deviation / in.rows;
  }
  return s;
}

Doubles rstd(const Statistics& s) {
  Doubles r;
  for (const double var : s.var) r.push_back(1 / std::sqrt(var + eps));
  return r;
}

Doubles normalized(const Input& in, const Statistics& s, bool relu) {
  Doubles y(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t c = i % in.channels;
    y[i] = (in.x[i] - s.mean[c]) * in.gamma[c] / std::sqrt(s.var[c] + eps) + in.beta[c];
    if (!in.residual.empty()) y[i] += in.residual[i];
    if (relu) y[i] = std::max(y[i], 0.0);
  }
  return y;
}

Arrays::Arrays(Device device, const Input& in, int shift, const ShiftedArray Arrays::*misaligned)
    : type(in.type),
      rows(in.rows),
      channels(in.channels),
      has_residual(!in.residual.empty()),
      x(device, in.x, shift + (misaligned == &Arrays::x), type, {channels, channels + in.x_behind}),
      residual(device, in.residual, shift + (misaligned == &Arrays::residual), type),
      dy(device, in.dy, shift + (misaligned == &Arrays::dy), type),
      addend(device, in.addend, shift + (misaligned == &Arrays::addend), type,
             {channels, channels + in.dx_behind}),
      y(device, in.size(), shift + (misaligned == &Arrays::y), type),
      dx(device, in.size(), shift + (misaligned == &Arrays::dx), type,
         {channels, channels + in.dx_behind}),
      dresidual(device, in.residual.size(), shift + (misaligned == &Arrays::dresidual), type),
      gamma(device, in.gamma, shift + (misaligned == &Arrays::gamma)),
      beta(device, in.beta, shift + (misaligned == &Arrays::beta)),
      running_mean(device, in.running_mean, shift + (misaligned == &Arrays::running_mean)),
      running_var(device, in.running_var, shift + (misaligned == &Arrays::running_var)),
      mean(device, in.gamma.size(), shift + (misaligned == &Arrays::mean)),
      rstd(device, in.gamma.size(), shift + (misaligned == &Arrays::rstd)),
      dgamma(device, in.gamma.size(), shift + (misaligned == &Arrays::dgamma)),
      dbeta(device, in.gamma.size(), shift + (misaligned == &Arrays::dbeta)),
      slope(device, Floats(in.gamma.size()), shift + (misaligned == &Arrays::slope)),
      offset(device, Floats(in.gamma.size()), shift + (misaligned == &Arrays::offset)) {}

kernels::BatchNorm Arrays::forward(bool relu) const {
  return {.x = x.in(),
          .residual = has_residual ? residual.in() : kernels::ConstArray(),
          .gamma = gamma.data(),
          .beta = beta.data(),
          .y = y.out(),
          .mean = mean.data(),
          .rstd = rstd.data(),
          .running_mean = running_mean.data(),
          .running_var = running_var.data(),
          .rows = rows,
          .channels = channels,
          .momentum = 0.25f,
          .relu = relu};
}

kernels::BatchNormInference Arrays::inference(bool relu) const {
  return {.x = x.in(),
          .residual = has_residual ? residual.in() : kernels::ConstArray(),
          .gamma = gamma.data(),
          .beta = beta.data(),
          .running_mean = running_mean.data(),
          .running_var = running_var.data(),
          .y = y.out(),
          .rows = rows,
          .channels = channels,
          .relu = relu};
}

kernels::BatchNormBackward Arrays::backward(bool relu, bool adds) const {
  return {.x = x.in(),
          .y = relu && has_residual ? y.in() : kernels::ConstArray(),
          .dy = dy.in(),
          .addend = adds ? addend.in() : kernels::ConstArray(),
          .gamma = gamma.data(),
          .beta = beta.data(),
          .mean = mean.data(),
          .rstd = rstd.data(),
          .dx = dx.out(),
          .dresidual = has_residual ? dresidual.out() : kernels::Array(),
          .dgamma = dgamma.data(),
          .dbeta = dbeta.data(),
          .rows = rows,
          .channels = channels,
          .relu = relu};
}

kernels::BatchNormRemainder Arrays::remainder(kernels::Array to) const {
  return {.x = x.in(),
          .so_far = {to.data, to.type, to.pitch},
          .mean = mean.data(),
          .slope = slope.data(),
          .offset = offset.data(),
          .dx = to,
          .rows = rows,
          .channels = channels};
}

Output forward(Device device, const Input& in, bool relu, int shift) {
  const Arrays a(device, in, shift);
  run(device, a.forward(relu));
  return {a.y.host(), a.mean.host(), a.rstd.host(), a.running_mean.host(), a.running_var.host()};
}

}  // namespace test::batch_norm
