// SPDX-License-Identifier: MIT
#include "nn/parameters.h"

#include "engine/autograd.h"
#include "engine/ops.h"

namespace nn {

Named& Parameters::parameter(std::string name, const Shape& shape, Init init) {
  return parameters_.emplace_back(Named{std::move(name), shape, init, {}});
}

Named& Parameters::statistic(std::string name, const Shape& shape, float initial) {
  return statistics_.emplace_back(Named{std::move(name), shape, Init::constant(initial), {}});
}

namespace {

Tensor flat_buffer(std::deque<Named>& parts, Device device) {
  std::size_t size = 0;
  for (const Named& part : parts) size += part.shape.size();
  const Tensor buffer = Tensor::zeros({int(size)}, device);
  std::size_t first = 0;
  for (Named& part : parts) {
    part.value = buffer.slice(first, part.shape);
    first += part.shape.size();
  }
  return buffer;
}

void initialise(const Named& part, std::uint64_t seed, std::uint32_t stream) {
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

void Parameters::allocate(Device device, std::uint64_t seed) {
  values_ = flat_buffer(parameters_, device);
  running_ = flat_buffer(statistics_, device);
  gradients_ = Tensor::zeros(values_.shape(), device);
  std::size_t first = 0;
  std::uint32_t stream = 0;
  for (Named& part : parameters_) {
    part.value.require_grad(gradients_.slice(first, part.shape));
    first += part.shape.size();
    initialise(part, seed, stream++);
  }
  for (const Named& part : statistics_) initialise(part, seed, 0);
}

void Parameters::zero_grad() {
  for (const Named& part : parameters_) part.value.zero_grad();
}

void Parameters::complete_grad() {
  for (const Named& part : parameters_) {
    if (!part.value.grad()) engine::fill(part.value.node()->buffer, 0);
  }
}

}  // namespace nn
