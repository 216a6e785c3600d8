// SPDX-License-Identifier: MIT
#include "kernels/runtime/math_mode.h"

namespace kernels {
namespace {

MathMode mode;

}  // namespace

void set_math_mode(MathMode wanted) { mode = wanted; }

MathMode math_mode() { return mode; }

void set_precision(Precision precision) {
  mode.allow_winograd = precision != Precision::exact;
  mode.allow_tf32 = precision == Precision::tf32;
}

}  // namespace kernels
