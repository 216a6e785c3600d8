// SPDX-License-Identifier: MIT
#pragma once
#include "engine/tensor.h"
#include "kernels/step_scalars.h"

namespace engine {

/// The scalars of the current training step, in device memory; see kernels::StepScalars.
class StepState {
 public:
  explicit StepState(Device);
  void set(const kernels::StepScalars&);  // in stream order; waits for nothing
  const kernels::StepScalars* data() const;
  Device device() const { return bytes_.device(); }

 private:
  Tensor bytes_;
};

}  // namespace engine
