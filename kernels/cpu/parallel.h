// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>

namespace kernels {

/// Elements of work below which waking the threads costs more than it saves.
inline constexpr std::size_t parallel_from = std::size_t{1} << 15;

}  // namespace kernels
