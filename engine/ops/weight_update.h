// SPDX-License-Identifier: MIT
#pragma once
#include "engine/ops.h"
#include "kernels/weight_update.h"

namespace engine {

/// What the kernels have in common that update weights; throws Error that names `op` where tensors
/// do not fit. `ema`, the copies and `clip_factor` may be missing.
kernels::WeightUpdate weight_update(const char* op, const Tensor& weight, const Tensor& grad,
                                    const Tensor& ema, float weight_decay, const StepState&,
                                    const WeightCopies&, const Tensor& clip_factor);

}  // namespace engine
