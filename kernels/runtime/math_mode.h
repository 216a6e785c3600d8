// SPDX-License-Identifier: MIT
#pragma once
#include <compare>

#include "kernels/runtime/precision.h"

namespace kernels {

/// How convolutions and matrix products may be computed.
struct MathMode {
  /// Convolutions may be computed by Winograd's algorithm: in float, but its sums of sums
  /// round about twice as much as plain ones (kernels/cpu/convolution/winograd.h).
  bool allow_winograd = false;

  /// On a GPU convolutions and matrix products may round their factors to TF32, 10 bits of
  /// mantissa, which tensor cores multiply several times as fast.
  bool allow_tf32 = false;

  /// The same input gives the same result, bit by bit, on the same kind of GPU. Otherwise
  /// convolutions may add up in an order that differs from run to run, where that is faster. (On
  /// the cpu they never do, with the same number of threads.)
  bool deterministic = true;

  auto operator<=>(const MathMode&) const = default;
};

/// Counts from the next op on; set it before the first training step, since convolutions are
/// planned anew.
void set_math_mode(MathMode);
MathMode math_mode();

/// What a precision allows; `deterministic` stays.
void set_precision(Precision);

}  // namespace kernels
