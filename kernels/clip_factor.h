// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>

#include "kernels/runtime/device.h"

namespace kernels {

/// factor[0] = min(1, max_norm / (n + 1e-6)), n the Euclidean norm of grad: what
/// torch.nn.utils.clip_grad_norm_ multiplies gradients by: NaN if one of them is NaN, 0 if one is
/// infinite. Squares are summed in double, in an order that depends on the size alone.
struct ClipFactor {
  const float* grad;     // [size]
  double* partial_sums;  // [parts()]  work space
  float* factor;         // [1]  out
  std::size_t size;
  float max_norm;  // above 0

  /// Parts of the sum, each of some thousand elements, as long as there are no more than a GPU runs
  /// at once.
  static constexpr int most_parts = 1024;
  static constexpr int parts(std::size_t size) {
    return int(std::clamp<std::size_t>(size / 4096, 1, most_parts));
  }
  std::size_t bytes() const { return 4 * size + 16 * std::size_t(parts(size)) + 4; }
};
void run(Cpu, const ClipFactor&);
void run(Cuda, const ClipFactor&);

}  // namespace kernels
