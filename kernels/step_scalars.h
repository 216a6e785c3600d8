// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"

namespace kernels {

/// What changes from one training step to the next. It lives in device memory and kernels read it
/// there, so that the launches of a step are the same every time.
struct StepScalars {
  float learning_rate = 0;
  float ema_decay = 0;
  std::uint32_t epoch = 0;  // from 0
  std::uint32_t step = 0;   // from 0, over the whole run
  std::uint32_t batch = 0;  // from 0, in the epoch
};

/// at <- value. The values travel as arguments of the launch: a copy from memory of the host
/// waits for all that is queued.
struct SetStepScalars {
  StepScalars* at;  // out
  StepScalars value;

  std::size_t bytes() const { return sizeof value; }
};
void run(Cpu, const SetStepScalars&);
void run(Cuda, const SetStepScalars&);

}  // namespace kernels
