// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "kernels/runtime/array.h"
#include "kernels/runtime/device.h"

namespace kernels {

/// How networks compute. Weights, statistics, sums, logits and losses are float in all of them.
enum class Precision : std::uint8_t {
  exact,  // in float, convolutions as plain sums of products
  f32,    // in float, convolutions by Winograd's algorithm where it is faster
  tf32,   // as f32, but tensor cores of a GPU may round factors to 10 bits of mantissa
  bf16,   // activations and their gradients are bf16, and filters are rounded to it
};

/// The type of activations.
constexpr DType activation_type(Precision precision) {
  return precision == Precision::bf16 ? DType::bf16 : DType::f32;
}

/// Empty where a device, which can be used, has the precision; else the reason.
std::string why_unavailable(Device, Precision);

std::string why_unavailable(Cpu, Precision);
std::string why_unavailable(Cuda, Precision);

}  // namespace kernels
