// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"
#include "kernels/step_scalars.h"

namespace kernels {

/// Adds to `correct` the number of rows whose largest logit, the first of equals, is the label's. A
/// row with NaN among its logits or a label outside [0, classes) is not correct. With `losses` it
/// notes the loss of the step besides: losses[step->batch] = loss.
struct CountCorrect {
  const float* logits;        // [rows, classes]
  const std::int32_t* label;  // [rows]
  std::int32_t* correct;      // [1]  in and out
  int rows, classes;
  const float* loss = nullptr;  // [1]
  float* losses = nullptr;      // [more than step->batch]  out; or null
  const StepScalars* step = nullptr;

  std::size_t bytes() const {
    return 4 * (std::size_t(rows) * (classes + 1) + 2 + (losses ? 3 : 0));
  }
};
void run(Cpu, const CountCorrect&);
void run(Cuda, const CountCorrect&);

}  // namespace kernels
