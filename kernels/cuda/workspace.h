// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

namespace kernels {

/// Device memory for what an op hands on from one of its launches to the next, aligned as raw_alloc
/// aligns. All ops have the same, which the stream's order allows: what is in it lasts until the
/// next op. It grows to the largest need and stays, so that steps after the first allocate nothing.
void* workspace(std::size_t bytes);

/// Counters in device memory, 0 all of them, by which blocks of a launch find out who comes last.
/// The kernel leaves them 0 for the next, whichever op that is of.
unsigned* tickets(std::size_t count);

}  // namespace kernels
