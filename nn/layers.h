// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "nn/model.h"

/// The layers that networks are made of. Each declares its parameters, under `name` + ".weight" and
/// so on, when it is built, and computes once Parameters::allocate() has run. Layers are values; a
/// default-constructed one only holds the place.
namespace nn {

/// PyTorch's default for convolution and linear layers: uniform in +-1/sqrt(fan_in).
Init fan_in_uniform(int fan_in);

/// A convolution without bias, zero-padded by (window - 1) / 2, which keeps the image size at
/// stride 1.
class Conv {
 public:
  Conv() = default;
  Conv(Parameters&, const std::string& name, int in_channels, int out_channels, int window,
       int stride, Init);

  Tensor operator()(const Tensor& x) const;

 private:
  const NamedTensor* weight_ = nullptr;  // [out_channels, window, window, in_channels]
  int stride_ = 1;
};

/// Batch normalisation, then the residual addition if there is one, then the ReLU if asked. Starts
/// with weight 1, bias 0, running mean 0 and variance 1.
class BatchNorm {
 public:
  BatchNorm() = default;
  BatchNorm(Parameters&, const std::string& name, int channels);

  Tensor operator()(const Tensor& x, Mode, bool relu, const Tensor& residual = {}) const;

 private:
  const NamedTensor *weight_ = nullptr, *bias_ = nullptr;               // [channels]
  const NamedTensor *running_mean_ = nullptr, *running_var_ = nullptr;  // [channels]
};

/// x * weight^T + bias; the weight starts as fan_in_uniform(in).
class Linear {
 public:
  Linear() = default;
  Linear(Parameters&, const std::string& name, int in, int out, Init bias);

  Tensor operator()(const Tensor& x) const;

 private:
  const NamedTensor *weight_ = nullptr, *bias_ = nullptr;  // [out, in], [out]
};

}  // namespace nn
