// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "kernels/runtime/host_device.h"

#if !defined(__CUDA_ARCH__)
#include <bit>
#endif

namespace kernels {

/// A float less the last 16 bits of its mantissa (bfloat16): the range of float, 8 significant
/// bits. Made to be stored; sums and products are for floats. Plain code, which compilers turn into
/// vector instructions inside a loop.
class bf16 {
 public:
  bf16() = default;
  /// Rounds to the nearest, halves to the even one; NaN stays NaN.
  SOFTLABEL_HOST_DEVICE explicit bf16(float x) {
    const std::uint32_t all = bits_of(x);
    const std::uint32_t rounded = (all + 0x7FFF + (all >> 16 & 1)) >> 16;
    const std::uint32_t quiet_nan = all >> 16 | 0x40;
    bits_ = std::uint16_t((all & 0x7FFFFFFF) > 0x7F800000 ? quiet_nan : rounded);
  }
  SOFTLABEL_HOST_DEVICE operator float() const {  // NOLINT(google-explicit-constructor): exact
    return of_bits(std::uint32_t{bits_} << 16);
  }

 private:
  SOFTLABEL_HOST_DEVICE static std::uint32_t bits_of(float x) {
#if defined(__CUDA_ARCH__)
    return __float_as_uint(x);
#else
    return std::bit_cast<std::uint32_t>(x);
#endif
  }
  SOFTLABEL_HOST_DEVICE static float of_bits(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
    return __uint_as_float(bits);
#else
    return std::bit_cast<float>(bits);
#endif
  }

  std::uint16_t bits_;
};
static_assert(sizeof(bf16) == 2);

}  // namespace kernels
