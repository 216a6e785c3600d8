// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>

namespace kernels {

/// Sort device memory in ascending order, in the process's stream, for arrays that are too large
/// for the shared memory of a block. Temporary memory grows to the largest need and stays.
void sort_ascending(std::uint64_t* keys, std::size_t count);
void sort_ascending(float* values, std::size_t count);

}  // namespace kernels
