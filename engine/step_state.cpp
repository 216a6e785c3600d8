// SPDX-License-Identifier: MIT
#include "engine/step_state.h"

#include "kernels/memory.h"

namespace engine {

StepState::StepState(Device device)
    : bytes_(Tensor::zeros({int(sizeof(kernels::StepScalars))}, device, DType::u8)) {}

void StepState::set(const kernels::StepScalars& scalars) {
  kernels::copy(bytes_.raw(), bytes_.device(), &scalars, Device::cpu, sizeof scalars);
}

const kernels::StepScalars* StepState::data() const {
  return static_cast<const kernels::StepScalars*>(bytes_.raw());
}

}  // namespace engine
