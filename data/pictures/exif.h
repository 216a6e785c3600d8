// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <span>

namespace data {

/// The orientation, 1 to 8, that EXIF data notes (TIFF's header and first directory, of either byte
/// order, with or without "Exif" before them): how the stored picture is turned to be looked at, as
/// tag 274 of TIFF 6.0 has it. 1, which turns nothing, where there is none or it is damaged.
int exif_orientation(std::span<const std::uint8_t> exif);

}  // namespace data
