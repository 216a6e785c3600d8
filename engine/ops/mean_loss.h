// SPDX-License-Identifier: MIT
#pragma once
#include "engine/tensor.h"

namespace engine {

/// The mean of `losses`, one element, recorded as op `name` of `logits`. `grad`, which is given if
/// that is recorded, is its gradient: kernels of losses write it in their forward pass.
Tensor mean_loss(const char* name, const Tensor& logits, const Tensor& losses, const Tensor& grad);

}  // namespace engine
