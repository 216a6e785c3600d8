// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// y[i] = (a[i], b[i]) for each of `rows` = n*h*w pixels.
struct ConcatChannels {
  ConstArray a;  // [rows, a_channels]
  ConstArray b;  // [rows, b_channels]
  Array y;       // [rows, a_channels + b_channels]  out
  int rows, a_channels, b_channels;

  std::size_t bytes() const { return 2 * size_of(y.type) * rows * (a_channels + b_channels); }
};

/// Its gradient: takes dy apart. A null output is not wanted.
struct SplitChannels {
  ConstArray dy;  // [rows, a_channels + b_channels]
  Array da, db;   // out
  int rows, a_channels, b_channels;

  std::size_t bytes() const {
    return 2 * size_of(dy.type) * rows * ((da ? a_channels : 0) + (db ? b_channels : 0));
  }
};

void run(Cpu, const ConcatChannels&);
void run(Cpu, const SplitChannels&);
void run(Cuda, const ConcatChannels&);
void run(Cuda, const SplitChannels&);

}  // namespace kernels
