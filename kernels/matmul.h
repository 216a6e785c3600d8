// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// y = op(a) op(b), row-major; op transposes where asked. op(a) is [m, k], op(b) is [k, n], y is
/// [m, n]. No two arrays may overlap.
struct MatMul {
  ConstArray a, b;
  float* y;  // out
  int m, n, k;
  bool transpose_a = false, transpose_b = false;

  std::size_t bytes() const {
    return 4 * (std::size_t(m) * k + std::size_t(k) * n + std::size_t(m) * n);
  }
  std::size_t flops() const { return 2 * std::size_t(m) * n * k; }
};
void run(Cpu, const MatMul&);
void run(Cuda, const MatMul&);

}  // namespace kernels
