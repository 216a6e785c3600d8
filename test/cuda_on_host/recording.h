// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

#include "test/cuda_on_host/checker.h"

/// Where the checker tells a Recording, if there is one, of accesses to global memory.
namespace cuda_on_host::recording {

void note(checker::Access, const void* address, std::size_t bytes, const void* code);
void end_block();

}  // namespace cuda_on_host::recording
