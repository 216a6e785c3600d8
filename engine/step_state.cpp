// SPDX-License-Identifier: MIT
#include "engine/step_state.h"
#include "kernels/runtime/run.h"

namespace engine {

StepState::StepState(Device device)
    : bytes_(Tensor::zeros({int(sizeof(kernels::StepScalars))}, device, DType::u8)) {}

void StepState::set(const kernels::StepScalars& scalars) {
  kernels::run(bytes_.device(),
               kernels::SetStepScalars{static_cast<kernels::StepScalars*>(bytes_.raw()), scalars});
}

const kernels::StepScalars* StepState::data() const {
  return static_cast<const kernels::StepScalars*>(bytes_.raw());
}

}  // namespace engine
