// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// y[i, c] = x[i, c] for each of `rows` = n*h*w pixels. Both may be parts of wider rows, that is
/// have a pitch.
struct CopyChannels {
  ConstArray x;  // [rows, channels]
  Array y;       // [rows, channels]  out
  int rows, channels;

  std::size_t bytes() const { return 2 * size_of(y.type) * rows * channels; }
};

void run(Cpu, const CopyChannels&);
void run(Cuda, const CopyChannels&);

}  // namespace kernels
