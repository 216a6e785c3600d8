// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/math_mode.h"

namespace test {

/// Sets how convolutions and matrix products may be computed, for a scope.
class WithMathMode {
 public:
  explicit WithMathMode(kernels::MathMode mode) { kernels::set_math_mode(mode); }
  ~WithMathMode() { kernels::set_math_mode({}); }
  WithMathMode(const WithMathMode&) = delete;
  WithMathMode& operator=(const WithMathMode&) = delete;
};

}  // namespace test
