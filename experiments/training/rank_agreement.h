// SPDX-License-Identifier: MIT
#pragma once
#include "experiments/runs/run_directory.h"
#include "nn/model.h"

namespace experiments {

/// Throws Error, with the first difference, on a rank that would train another run than rank 0, or
/// would compute it in another way: by another version, device or kind of processor.
void require_agreement(const RunIdentity&, const Json& provenance);

/// Throws Error on a rank whose weights are not, to the bit, those of rank 0. They are computed by
/// each for itself from the same sums: a memory or a network that errs would part them in silence.
void require_same_weights(const nn::Model&);

/// On the cpu all ranks compute with as many threads as the first, which an interrupted run may
/// have told.
void take_threads_of_first();

}  // namespace experiments
