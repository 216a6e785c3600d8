// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// Sizes of a pooling over images [n, h, w, c]. The window is window_h x window_w; positions in
/// the padding count for nothing. Rows and columns at the far edges that no window covers are left
/// out, as in PyTorch (ceil_mode = false). Global pooling is the window h x w.
struct PoolShape {
  int n, h, w, c;
  int window_h, window_w;
  int stride, pad = 0;

  int out_h() const { return (h + 2 * pad - window_h) / stride + 1; }
  int out_w() const { return (w + 2 * pad - window_w) / stride + 1; }
  std::size_t x_size() const { return std::size_t(n) * h * w * c; }
  std::size_t y_size() const { return std::size_t(n) * out_h() * out_w() * c; }
};

/// y = mean of the window. No padding: shape.pad must be 0. From x of bf16 y may be of f32, as the
/// input of a classifier is; dy and dx likewise.
struct AvgPool {
  ConstArray x;
  Array y;  // out
  PoolShape shape;

  std::size_t bytes() const {
    return size_of(x.type) * shape.x_size() + size_of(y.type) * shape.y_size();
  }
};
struct AvgPoolGrad {
  ConstArray dy;
  Array dx;  // out
  PoolShape shape;

  std::size_t bytes() const {
    return size_of(dx.type) * shape.x_size() + size_of(dy.type) * shape.y_size();
  }
};

/// y = largest element of the window; `chosen` is its place r * window_w + s in the window, the
/// first of equals. A NaN in the window is the largest.
struct MaxPool {
  ConstArray x;
  Array y;               // out
  std::uint8_t* chosen;  // [n, out_h, out_w, c]  out; windows have at most 256 elements
  PoolShape shape;

  std::size_t bytes() const {
    return size_of(x.type) * (shape.x_size() + shape.y_size()) + shape.y_size();
  }
};
struct MaxPoolGrad {
  ConstArray dy;
  const std::uint8_t* chosen;
  Array dx;  // out
  PoolShape shape;

  std::size_t bytes() const {
    return size_of(dx.type) * (shape.x_size() + shape.y_size()) + shape.y_size();
  }
};

void run(Cpu, const AvgPool&);
void run(Cpu, const AvgPoolGrad&);
void run(Cpu, const MaxPool&);
void run(Cpu, const MaxPoolGrad&);
void run(Cuda, const AvgPool&);
void run(Cuda, const AvgPoolGrad&);
void run(Cuda, const MaxPool&);
void run(Cuda, const MaxPoolGrad&);

}  // namespace kernels
