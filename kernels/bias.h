// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"

namespace kernels {

/// y[i,j] += bias[j], in place.
struct AddBias {
  float* y;           // [rows, columns]  in and out
  const float* bias;  // [columns]
  int rows, columns;

  std::size_t bytes() const { return 4 * (2 * std::size_t(rows) * columns + columns); }
};

/// dbias[j] = sum_i dy[i,j], added in a fixed order.
struct BiasGrad {
  const float* dy;  // [rows, columns]
  float* dbias;     // [columns]  out
  int rows, columns;

  std::size_t bytes() const { return 4 * (std::size_t(rows) * columns + columns); }
};

void run(Cpu, const AddBias&);
void run(Cpu, const BiasGrad&);
void run(Cuda, const AddBias&);
void run(Cuda, const BiasGrad&);

}  // namespace kernels
