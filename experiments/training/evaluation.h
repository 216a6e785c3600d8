// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <vector>

#include "data/batches.h"
#include "nn/model.h"

namespace experiments {

/// The logits of samples of a data set, [samples, classes] row-major: clean images, eval mode,
/// nothing recorded; in smaller batches where memory does not suffice for the usual ones. `samples`
/// are indices into `images`. With `heed_stop` throws Interrupted once a stop was asked for; within
/// epochs a training run has other places for that, where nothing is lost.
std::vector<float> logits_of(nn::Model&, const data::DeviceImages& images,
                             const std::vector<std::int32_t>& samples, bool heed_stop = false);

/// The same by all ranks together: each runs the network on its part of the batches. Of several
/// none heeds a stop.
std::vector<float> logits_by_ranks(nn::Model&, const data::DeviceImages& images,
                                   const std::vector<std::int32_t>& samples,
                                   bool heed_stop = false);

std::vector<std::int32_t> labels_of(const std::vector<std::int32_t>& labels,
                                    const std::vector<std::int32_t>& samples);
std::vector<std::int32_t> all_indices(std::size_t count);  // 0 to count - 1

}  // namespace experiments
