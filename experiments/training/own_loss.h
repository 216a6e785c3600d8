// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>

#include "engine/ops.h"
#include "experiments/runs/config.h"

/// Losses that a program brings along, beside the ones of kernels/soft_target_loss.h.
namespace experiments {

/// The loss of a batch from the network's logits [n,classes]: one element of f32, the mean over the
/// samples. It is made of ops, or is one (docs/adding_an_op.md); of `step` it may take what random
/// numbers are functions of.
using OwnLoss = std::function<engine::Tensor(
    const engine::Tensor& logits, const engine::Batch& batch, const engine::StepState& step)>;

/// Adds a value to Loss, of this name in options and files. To be called at the start, before any
/// option is read. Throws Error if the name is taken, is no name for files, or is one too many.
void register_loss(const std::string& name, OwnLoss);

/// Null for a loss that is not such.
OwnLoss own_loss(Loss);

}  // namespace experiments
