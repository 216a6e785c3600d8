// SPDX-License-Identifier: MIT
#include "test/batch_norm_case.h"

#include <algorithm>
#include <cmath>

namespace test::batch_norm {

Input make_input(int rows, int channels, bool has_residual, float mean) {
  const std::size_t size = std::size_t(rows) * channels;
  Input in{.rows = rows,
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

Arrays::Arrays(Device device, const Input& in, int shift, int parameter_shift)
    : rows(in.rows),
      channels(in.channels),
      has_residual(!in.residual.empty()),
      x(device, in.x, shift),
      residual(device, in.residual, shift),
      dy(device, in.dy, shift),
      addend(device, in.addend, shift),
      y(device, in.size(), shift),
      dx(device, in.size(), shift),
      dresidual(device, in.residual.size(), shift),
      gamma(device, in.gamma, parameter_shift),
      beta(device, in.beta, parameter_shift),
      running_mean(device, in.running_mean, parameter_shift),
      running_var(device, in.running_var, parameter_shift),
      mean(device, in.gamma.size(), parameter_shift),
      rstd(device, in.gamma.size(), parameter_shift),
      dgamma(device, in.gamma.size(), parameter_shift),
      dbeta(device, in.gamma.size(), parameter_shift) {}

kernels::BatchNorm Arrays::forward(bool relu) const {
  return {.x = x.data(),
          .residual = has_residual ? residual.data() : nullptr,
          .gamma = gamma.data(),
          .beta = beta.data(),
          .y = y.data(),
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
  return {.x = x.data(),
          .residual = has_residual ? residual.data() : nullptr,
          .gamma = gamma.data(),
          .beta = beta.data(),
          .running_mean = running_mean.data(),
          .running_var = running_var.data(),
          .y = y.data(),
          .rows = rows,
          .channels = channels,
          .relu = relu};
}

kernels::BatchNormBackward Arrays::backward(bool relu, bool adds) const {
  return {.x = x.data(),
          .y = relu && has_residual ? y.data() : nullptr,
          .dy = dy.data(),
          .addend = adds ? addend.data() : nullptr,
          .gamma = gamma.data(),
          .beta = beta.data(),
          .mean = mean.data(),
          .rstd = rstd.data(),
          .dx = dx.data(),
          .dresidual = has_residual ? dresidual.data() : nullptr,
          .dgamma = dgamma.data(),
          .dbeta = dbeta.data(),
          .rows = rows,
          .channels = channels,
          .relu = relu};
}

Output forward(Device device, const Input& in, bool relu, int shift) {
  const Arrays a(device, in, shift);
  run(device, a.forward(relu));
  return {a.y.host(), a.mean.host(), a.rstd.host(), a.running_mean.host(), a.running_var.host()};
}

}  // namespace test::batch_norm
