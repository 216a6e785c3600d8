// SPDX-License-Identifier: MIT
#include "data/pictures/exif.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace data {

int exif_orientation(std::span<const std::uint8_t> exif) {
  constexpr std::string_view mark("Exif\0\0", 6);
  if (exif.size() >= mark.size() && std::equal(mark.begin(), mark.end(), exif.begin()))
    exif = exif.subspan(mark.size());
  if (exif.size() < 8 || exif[0] != exif[1] || (exif[0] != 'I' && exif[0] != 'M')) return 1;
  const bool little = exif[0] == 'I';
  // Bytes behind the end count as 0.
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t place = at + (little ? size - 1 - i : i);
      n = n << 8 | (place < exif.size() ? exif[place] : 0);
    }
    return n;
  };
  if (number(2, 2) != 42) return 1;

  // Directories further on are those of thumbnails and of the camera; they are not looked at.
  const std::size_t directory = number(4, 4);
  const std::size_t entries = number(directory, 2);
  constexpr std::size_t entry_size = 12;
  int orientation = 1;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * entry_size;
    if (entry + entry_size > exif.size()) break;
    constexpr std::uint32_t orientation_tag = 274;
    const std::uint32_t type = number(entry + 2, 2), count = number(entry + 4, 4);
    const bool of_two_bytes = type == 3 || type == 8, of_four = type == 4 || type == 9;
    // Of two short values, which have room here too, the first counts, as Pillow has it.
    const bool fits = count == 1 || (count == 2 && of_two_bytes);
    if (number(entry, 2) != orientation_tag || !fits || !(of_two_bytes || of_four)) continue;
    const std::uint32_t value = number(entry + 8, of_four ? 4 : 2);
    if (value >= 1 && value <= 8) orientation = int(value);
  }
  return orientation;
}

}  // namespace data
