// SPDX-License-Identifier: MIT
#include "engine/shape.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "kernels/runtime/error.h"

namespace engine {

Shape::Shape(std::initializer_list<int> dims) : rank_(int(dims.size())) {
  kernels::require(dims.size() <= max_rank, "a shape has at most {} dimensions, not {}", max_rank,
                   dims.size());
  std::copy(dims.begin(), dims.end(), dims_.begin());
  check();
}

void Shape::check() const {
  std::size_t bytes = sizeof(float);
  for (int i = 0; i < rank_; ++i) {
    kernels::require(dims_[i] >= 0, "a shape cannot have the extent {}", dims_[i]);
    if (__builtin_mul_overflow(bytes, std::size_t(dims_[i]), &bytes))
      kernels::fail("a tensor of shape {} is larger than any memory", to_string());
  }
}

std::size_t Shape::size() const {
  std::size_t size = 1;
  for (int i = 0; i < rank_; ++i) size *= std::size_t(dims_[i]);
  return size;
}

Shape Shape::with_last(int extent) const {
  Shape s = *this;
  s.dims_[rank_ - 1] = extent;
  s.check();
  return s;
}

std::string Shape::to_string() const {
  return fmt::format("[{}]", fmt::join(std::span(dims_.data(), std::size_t(rank_)), ", "));
}

}  // namespace engine
