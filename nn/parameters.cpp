// SPDX-License-Identifier: MIT
#include "nn/parameters.h"

#include <limits>

#include "engine/autograd.h"
#include "engine/ops.h"
#include "kernels/runtime/error.h"

namespace nn {

NamedTensor& Parameters::parameter(std::string name, const Shape& shape, Init init) {
  return parameters_.emplace_back(NamedTensor{std::move(name), shape, init, {}, {}});
}

NamedTensor& Parameters::statistic(std::string name, const Shape& shape, float initial) {
  return statistics_.emplace_back(
      NamedTensor{std::move(name), shape, Init::constant(initial), {}, {}});
}

namespace {

// Each part starts on a cache line: libraries have fewer and slower kernels for filters that do
// not.
constexpr std::size_t alignment = 16;  // elements

std::size_t padded(const Shape& shape) {
  return (shape.size() + alignment - 1) / alignment * alignment;
}

/// Calls visit(part, its first element) and returns the size of the whole buffer.
template <class Visit>
std::size_t lay_out(std::deque<NamedTensor>& parts, Visit visit) {
  std::size_t first = 0;
  for (NamedTensor& part : parts) {
    visit(part, first);
    first += padded(part.shape);
  }
  return first;
}

Tensor flat_buffer(std::deque<NamedTensor>& parts, Device device) {
  const std::size_t size = lay_out(parts, [](NamedTensor&, std::size_t) {});
  kernels::require(size <= std::size_t(std::numeric_limits<int>::max()),
                   "the network has {} parameters, more than one buffer holds", size);
  Tensor buffer = Tensor::zeros({int(size)}, device);
  lay_out(parts, [&](NamedTensor& part, std::size_t first) {
    part.value = buffer.slice(first, part.shape);
  });
  return buffer;
}

void initialise(const NamedTensor& part, std::uint64_t seed, std::uint32_t stream) {
  const Init& init = part.init;
  switch (init.kind) {
    case Init::Kind::constant: engine::fill(part.value, init.a); break;
    case Init::Kind::uniform:
      engine::random_uniform(part.value, init.a, init.b, seed, stream);
      break;
    case Init::Kind::normal: engine::random_normal(part.value, init.a, init.b, seed, stream); break;
  }
}

}  // namespace

void Parameters::allocate(Device device, std::uint64_t seed, DType activations) {
  values_ = flat_buffer(parameters_, device);
  running_ = flat_buffer(statistics_, device);
  gradients_ = Tensor::zeros(values_.shape(), device);
  if (activations != DType::f32) rounded_ = Tensor::empty(values_.shape(), device, activations);
  std::uint32_t stream = 0;
  lay_out(parameters_, [&](NamedTensor& part, std::size_t first) {
    part.value.require_grad(gradients_.slice(first, part.shape));
    part.rounded = part.value;
    if (rounded_) part.rounded = rounded_.slice(first, part.shape).share_grad(part.value);
    initialise(part, seed, stream++);
  });
  for (const NamedTensor& part : statistics_) initialise(part, seed, 0);
  values_set();
}

void Parameters::copy_from(const Parameters& other) {
  values_.copy_from(other.values_);
  running_.copy_from(other.running_);
  values_set();
}

void Parameters::values_set() const {
  if (rounded_) engine::convert(values_, rounded_);
}

std::size_t Parameters::count() const {
  std::size_t count = 0;
  for (const NamedTensor& part : parameters_) count += part.shape.size();
  return count;
}

void Parameters::freeze(std::size_t count) {
  frozen_ = count;
  for (std::size_t i = 0; i < count; ++i) {
    NamedTensor& part = parameters_.at(i);
    part.value = part.value.detach();
    part.rounded = part.rounded.detach();
    learned_from_ += padded(part.shape);
  }
}

Tensor Parameters::learned(const Tensor& flat) const {
  if (!flat || learned_from_ == 0) return flat;
  return flat.slice(learned_from_, {int(flat.size() - learned_from_)});
}

void Parameters::zero_grad() {
  for (std::size_t i = frozen_; i < parameters_.size(); ++i) parameters_[i].value.zero_grad();
}

void Parameters::complete_grad() {
  for (std::size_t i = frozen_; i < parameters_.size(); ++i) {
    const Tensor& value = parameters_[i].value;
    if (!value.grad()) engine::fill(value.node()->buffer, 0);
  }
}

}  // namespace nn
