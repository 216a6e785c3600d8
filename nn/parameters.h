// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/tensor.h"

namespace nn {

using engine::Device;
using engine::DType;
using engine::Shape;
using engine::Tensor;

/// How a parameter starts.
struct Init {
  enum class Kind : std::uint8_t { constant, uniform, normal } kind = Kind::constant;
  float a = 0, b = 0;  // the value | low and high | mean and standard deviation

  static Init constant(float value) { return {Kind::constant, value, 0}; }
  static Init uniform(float low, float high) { return {Kind::uniform, low, high}; }
  static Init normal(float mean, float std) { return {Kind::normal, mean, std}; }
};

/// A named tensor of a model. Filters are [k,r,s,c] here and [k,c,r,s] in weight files.
struct NamedTensor {
  std::string name;  // PyTorch's, e.g. "layer1.0.conv1.weight"
  Shape shape;
  Init init;
  // Once allocate() has run:
  Tensor value;    // a slice of the flat buffer
  Tensor rounded;  // the same slice of the copy in the type of activations, `value` if that is f32
};

/// All parameters of a model in one flat buffer, with a second one for their gradients, and all its
/// batch-norm statistics in a third; so that the optimizer, the EMA, a checkpoint and "teacher <-
/// student" are one pass each. Modules declare what they need when they are built and keep the
/// address; allocate() then lays everything out in the order of declaration, each part on a cache
/// line of its own; what is left between them is 0 and stays 0.
///
/// Convolutions want filters of the type of their images: in a network whose activations are bf16
/// there is a copy of the parameters in that type, which follows them. Gradients are f32.
class Parameters {
 public:
  NamedTensor& parameter(std::string name, const Shape&, Init);
  NamedTensor& statistic(std::string name, const Shape&, float initial);

  /// Makes the buffers and initialises them from `seed`; parameter i draws from stream i.
  void allocate(Device, std::uint64_t seed, DType activations = DType::f32);

  /// Takes the values and statistics of a network that is built alike.
  void copy_from(const Parameters&);
  /// To be called when values were set, unless by the optimizer, which writes the copy itself.
  void values_set() const;

  const std::deque<NamedTensor>& parameters() const { return parameters_; }
  const std::deque<NamedTensor>& statistics() const { return statistics_; }
  std::size_t count() const;                              // numbers to learn
  const Tensor& values() const { return values_; }        // [size], every parameter and the gaps
  const Tensor& rounded() const { return rounded_; }      // [size], or absent
  const Tensor& gradients() const { return gradients_; }  // [size]
  const Tensor& running() const { return running_; }      // [statistics]

  /// Leaves the first `count` parameters, in the order of declaration, as they are from now on:
  /// they have no gradients. To be called once values are set. EMA models need no such call.
  void freeze(std::size_t count);
  /// Of values(), gradients() or another [size] buffer, or of none, what is not frozen.
  Tensor learned(const Tensor& flat) const;

  /// Starts a step: the next backward pass overwrites the gradients.
  void zero_grad();
  /// Ends a backward pass: parameters that learn and that it did not reach get the gradient 0.
  void complete_grad();

 private:
  std::deque<NamedTensor> parameters_, statistics_;  // deque: addresses stay
  Tensor values_, rounded_, gradients_, running_;
  std::size_t frozen_ = 0, learned_from_ = 0;  // parameters; the first element behind them
};

}  // namespace nn
