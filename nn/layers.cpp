// SPDX-License-Identifier: MIT
#include "nn/layers.h"

#include <cmath>

#include "engine/ops.h"

namespace nn {

Init fan_in_uniform(int fan_in) {
  const auto bound = float(1 / std::sqrt(double(fan_in)));
  return Init::uniform(-bound, bound);
}

Conv::Conv(Parameters& parameters, const std::string& name, int in_channels, int out_channels,
           int window, int stride, Init init)
    : weight_(&parameters.parameter(name + ".weight", {out_channels, window, window, in_channels},
                                    init)),
      stride_(stride) {}

Tensor Conv::operator()(const Tensor& x) const {
  const int pad = (weight_->shape[1] - 1) / 2;
  return engine::conv2d(x, weight_->rounded, {.stride = stride_, .pad = pad});
}

BatchNorm::BatchNorm(Parameters& parameters, const std::string& name, int channels)
    : weight_(&parameters.parameter(name + ".weight", {channels}, Init::constant(1))),
      bias_(&parameters.parameter(name + ".bias", {channels}, Init::constant(0))),
      running_mean_(&parameters.statistic(name + ".running_mean", {channels}, 0)),
      running_var_(&parameters.statistic(name + ".running_var", {channels}, 1)) {}

Tensor BatchNorm::operator()(const Tensor& x, Mode mode, bool relu, const Tensor& residual) const {
  return engine::batch_norm(
      x, weight_->value, bias_->value, running_mean_->value, running_var_->value,
      {.training = mode != Mode::eval, .synchronised = mode == Mode::synchronised, .relu = relu},
      residual);
}

Linear::Linear(Parameters& parameters, const std::string& name, int in, int out, Init bias)
    : weight_(&parameters.parameter(name + ".weight", {out, in}, fan_in_uniform(in))),
      bias_(&parameters.parameter(name + ".bias", {out}, bias)) {}

Tensor Linear::operator()(const Tensor& x) const {
  return engine::linear(x, weight_->value, bias_->value);
}

}  // namespace nn
