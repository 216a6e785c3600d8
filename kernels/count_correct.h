// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"

namespace kernels {

/// Adds to `correct` the number of rows whose largest logit, the first of equals, is the label's. A
/// row with NaN among its logits or a label outside [0, classes) is not correct.
struct CountCorrect {
  const float* logits;        // [rows, classes]
  const std::int32_t* label;  // [rows]
  std::int32_t* correct;      // [1]  in and out
  int rows, classes;

  std::size_t bytes() const { return 4 * (std::size_t(rows) * (classes + 1) + 2); }
};
void run(Cpu, const CountCorrect&);
void run(Cuda, const CountCorrect&);

}  // namespace kernels
