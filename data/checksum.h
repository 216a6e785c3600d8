// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>

namespace data {

/// 64 bits that tell damaged or changed bytes apart, on as many threads as kernels use but the same
/// for any number of them; no protection against intent.
std::uint64_t checksum(std::span<const std::uint8_t>);

}  // namespace data
