// SPDX-License-Identifier: MIT
#pragma once
#include <compare>

namespace kernels {

/// How cuDNN and cuBLAS may compute; the cpu kernels always compute as the defaults say. In all
/// modes cuDNN may take Winograd's algorithm, in float32, whose sums of sums round more than plain
/// ones.
struct MathMode {
  /// Convolutions and matrix products may round their factors to TF32, 10 bits of mantissa, which
  /// tensor cores multiply several times as fast.
  bool allow_tf32 = false;

  /// The same input gives the same result, bit by bit, on the same kind of GPU. Otherwise
  /// convolutions may add up in an order that differs from run to run, where that is faster.
  bool deterministic = true;

  auto operator<=>(const MathMode&) const = default;
};

/// Counts from the next op on; set it before the first training step, since convolutions are
/// planned anew.
void set_math_mode(MathMode);
MathMode math_mode();

}  // namespace kernels
