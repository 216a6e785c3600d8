// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

/// A kernel for launch_test.cpp and its launches.
namespace test::cuda_launch {

/// out[i] = i for every thread of the grid, by way of shared memory if there is any.
void number_threads(int* out, std::size_t blocks, unsigned threads, std::size_t shared_bytes = 0);

/// Reads far behind the end of any allocation.
void read_beyond(int* out);

}  // namespace test::cuda_launch
