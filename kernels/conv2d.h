// SPDX-License-Identifier: MIT
#pragma once
#include <compare>

#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// Sizes of a 2-D cross-correlation with square stride and zero padding, no bias, no dilation.
/// Images are [n, h, w, c], filters [k, r, s, c], results [n, out_h(), out_w(), k].
struct Conv2dShape {
  int n, h, w, c;
  int k, r, s;
  int stride = 1, pad = 0;

  int out_h() const { return (h + 2 * pad - r) / stride + 1; }
  int out_w() const { return (w + 2 * pad - s) / stride + 1; }
  std::size_t x_size() const { return std::size_t(n) * h * w * c; }
  std::size_t filter_size() const { return std::size_t(k) * r * s * c; }
  std::size_t y_size() const { return std::size_t(n) * out_h() * out_w() * k; }
  std::size_t bytes() const { return 4 * (x_size() + filter_size() + y_size()); }
  std::size_t flops() const { return 2 * y_size() * r * s * c; }
  auto operator<=>(const Conv2dShape&) const = default;
};

/// y[n,i,j,k] = sum_{r,s,c} x[n, i*stride - pad + r, j*stride - pad + s, c] * filter[k,r,s,c]
struct Conv2d {
  ConstArray x;
  const float* filter;
  Array y;  // out
  Conv2dShape shape;

  std::size_t bytes() const { return shape.bytes(); }
};

/// The gradient of Conv2d with respect to x.
struct Conv2dInputGrad {
  ConstArray dy;
  const float* filter;
  Array dx;  // out
  Conv2dShape shape;

  std::size_t bytes() const { return shape.bytes(); }
};

/// The gradient of Conv2d with respect to the filter.
struct Conv2dFilterGrad {
  ConstArray x, dy;
  float* dfilter;  // out
  Conv2dShape shape;

  std::size_t bytes() const { return shape.bytes(); }
};

void run(Cpu, const Conv2d&);
void run(Cpu, const Conv2dInputGrad&);
void run(Cpu, const Conv2dFilterGrad&);
void run(Cuda, const Conv2d&);
void run(Cuda, const Conv2dInputGrad&);
void run(Cuda, const Conv2dFilterGrad&);

}  // namespace kernels
