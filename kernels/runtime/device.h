// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>

namespace kernels {

enum class Device : std::uint8_t { cpu, cuda };

/// Tags that pick an implementation at compile time.
struct Cpu {};
struct Cuda {};

}  // namespace kernels
