// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// y = a + b, element by element; y may alias either.
struct Add {
  ConstArray a, b;
  Array y;  // out
  std::size_t size;

  std::size_t bytes() const { return 3 * size_of(y.type) * size; }
};

/// y = x * factor[0], of f32; y may alias x. The factor is read on the device.
struct Scale {
  ConstArray x;
  const float* factor;  // [1]
  Array y;              // out
  std::size_t size;

  std::size_t bytes() const { return 8 * size + 4; }
};

/// y = x, each of its own type: rounded to nearest even, or widened. y may not overlap x.
struct Convert {
  ConstArray x;
  Array y;  // out
  std::size_t size;

  std::size_t bytes() const { return (size_of(x.type) + size_of(y.type)) * size; }
};

/// y = value.
struct Fill {
  float* y;  // out
  std::size_t size;
  float value;

  std::size_t bytes() const { return 4 * size; }
};

/// y[0] = mean of x, summed in a fixed order in double.
struct Mean {
  const float* x;
  float* y;  // [1]  out
  std::size_t size;

  std::size_t bytes() const { return 4 * size + 4; }
};

void run(Cpu, const Add&);
void run(Cpu, const Scale&);
void run(Cpu, const Convert&);
void run(Cpu, const Fill&);
void run(Cpu, const Mean&);
void run(Cuda, const Add&);
void run(Cuda, const Scale&);
void run(Cuda, const Convert&);
void run(Cuda, const Fill&);
void run(Cuda, const Mean&);

}  // namespace kernels
