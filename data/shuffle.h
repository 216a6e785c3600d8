// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/runtime/philox.h"

namespace data {

/// `samples` in a random order, the same on every machine: sorted by the 64-bit keys v[0] + 2^32
/// v[1] of random_words(seed, purpose, major, sample). A sample's key does not depend on the
/// others, so the order of some samples is that of all samples with the rest left out.
std::vector<std::int32_t> shuffled(const std::vector<std::int32_t>& samples, std::uint64_t seed,
                                   kernels::Purpose, std::uint32_t major);

}  // namespace data
