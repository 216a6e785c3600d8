// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

namespace kernels {

/// Device memory for what an op hands on from one of its launches to the next, aligned as raw_alloc
/// aligns. All ops have the same, which the stream's order allows: what is in it lasts until the
/// next op. It grows to the largest need and stays, so that steps after the first allocate nothing.
void* workspace(std::size_t bytes);

}  // namespace kernels
