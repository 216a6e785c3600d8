// SPDX-License-Identifier: MIT
#include "kernels/step_scalars.h"

namespace kernels {

void run(Cpu, const SetStepScalars& op) { *op.at = op.value; }

}  // namespace kernels
