// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/pool.h"
#include "kernels/runtime/host_device.h"

/// Which pixels the windows of a pooling cover. One header for host and device.
namespace kernels {

struct Range {
  int begin, end;
};

/// Along one axis of `size` elements: `count` windows of `length`.
struct WindowAxis {
  int size, length, stride, pad, count;

  /// The elements of window `out`.
  SOFTLABEL_HOST_DEVICE Range covered(int out) const {
    const int first = out * stride - pad, last = first + length;
    return {first > 0 ? first : 0, last < size ? last : size};
  }
  /// The windows that element `at` lies in.
  SOFTLABEL_HOST_DEVICE Range covering(int at) const {
    const int first = at + pad - length + 1, last = (at + pad) / stride + 1;
    return {first > 0 ? (first + stride - 1) / stride : 0, last < count ? last : count};
  }
};

struct PoolWindows {
  WindowAxis rows, columns;
  int c;

  explicit PoolWindows(const PoolShape& s)
      : rows{s.h, s.window_h, s.stride, s.pad, s.out_h()},
        columns{s.w, s.window_w, s.stride, s.pad, s.out_w()},
        c(s.c) {}

  /// Where the channels of pixel (i, j) of an image start in x.
  SOFTLABEL_HOST_DEVICE std::size_t x_at(int image, int i, int j) const {
    return ((std::size_t(image) * rows.size + i) * columns.size + j) * c;
  }
  /// Where those of window (i, j) start in y.
  SOFTLABEL_HOST_DEVICE std::size_t y_at(int image, int i, int j) const {
    return ((std::size_t(image) * rows.count + i) * columns.count + j) * c;
  }
  /// The place of pixel (i, j) in window (out_i, out_j).
  SOFTLABEL_HOST_DEVICE int place(int i, int j, int out_i, int out_j) const {
    return (i + rows.pad - out_i * rows.stride) * columns.length + j + columns.pad -
           out_j * columns.stride;
  }
};

}  // namespace kernels
