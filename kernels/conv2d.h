// SPDX-License-Identifier: MIT
#pragma once
#include <compare>

#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// Sizes of a 2-D cross-correlation with square stride and zero padding, no bias, no dilation.
/// Images are [n, h, w, c], filters [k, r, s, c], results [n, out_h(), out_w(), k], all of one type
/// but for the gradient of a filter, which is float.
struct Conv2dShape {
  int n, h, w, c;
  int k, r, s;
  int stride = 1, pad = 0;

  int out_h() const { return (h + 2 * pad - r) / stride + 1; }
  int out_w() const { return (w + 2 * pad - s) / stride + 1; }
  std::size_t x_size() const { return std::size_t(n) * h * w * c; }
  std::size_t filter_size() const { return std::size_t(k) * r * s * c; }
  std::size_t y_size() const { return std::size_t(n) * out_h() * out_w() * k; }
  std::size_t flops() const { return 2 * y_size() * r * s * c; }
  auto operator<=>(const Conv2dShape&) const = default;
};

/// Of images, filter and result, or what stands for them, of one type each.
inline std::size_t conv2d_bytes(const Conv2dShape& s, DType x, DType filter, DType y) {
  return size_of(x) * s.x_size() + size_of(filter) * s.filter_size() + size_of(y) * s.y_size();
}

/// y[n,i,j,k] = sum_{r,s,c} x[n, i*stride - pad + r, j*stride - pad + s, c] * filter[k,r,s,c]
struct Conv2d {
  ConstArray x, filter;
  Array y;  // out
  Conv2dShape shape;

  std::size_t bytes() const { return conv2d_bytes(shape, x.type, filter.type, y.type); }
  std::size_t flops() const { return shape.flops(); }
};

/// The gradient of Conv2d with respect to x, added to what dx holds if it `adds`.
struct Conv2dInputGrad {
  ConstArray dy, filter;
  Array dx;  // out, or in and out
  Conv2dShape shape;
  bool adds = false;

  std::size_t bytes() const {
    return conv2d_bytes(shape, dx.type, filter.type, dy.type) +
           (adds ? size_of(dx.type) * shape.x_size() : 0);
  }
  std::size_t flops() const { return shape.flops(); }
};

/// The gradient of Conv2d with respect to the filter, in float whatever the type of x and dy.
struct Conv2dFilterGrad {
  ConstArray x, dy;
  float* dfilter;  // out
  Conv2dShape shape;

  std::size_t bytes() const { return conv2d_bytes(shape, x.type, DType::f32, dy.type); }
  std::size_t flops() const { return shape.flops(); }
};

void run(Cpu, const Conv2d&);
void run(Cpu, const Conv2dInputGrad&);
void run(Cpu, const Conv2dFilterGrad&);
void run(Cuda, const Conv2d&);
void run(Cuda, const Conv2dInputGrad&);
void run(Cuda, const Conv2dFilterGrad&);

}  // namespace kernels
