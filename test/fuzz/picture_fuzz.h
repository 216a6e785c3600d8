// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <numeric>

#include "data/pictures/image_decoder.h"
#include "test/fuzz/fuzz.h"

namespace fuzz {

/// A picture is refused, or all its pixels can be read, the same ones each time; turned upright
/// too, and its memory is given back.
inline int decode_picture(Input input) {
  static data::MemoryBudget memory(std::int64_t{2} << 20);
  const auto decode = [&](bool exif_orientation) {
    return data::decode_picture(input, "a picture", {exif_orientation, &memory});
  };
  accepts("a picture", [&] {
    std::vector<std::uint8_t> seen;
    for (const bool upright : {false, false, true}) {
      const data::Picture picture = decode(upright);
      check(picture.height > 0 && picture.width > 0, "a picture has pixels");
      const std::uint8_t* rgb = picture.rgb.get();
      const std::uint8_t* end = rgb + std::size_t(picture.height) * std::size_t(picture.width) * 3;
      if (upright) {
        check(std::accumulate(rgb, end, std::size_t{0}) ==
                  std::accumulate(seen.begin(), seen.end(), std::size_t{0}),
              "a turned picture has the same pixels");
      } else {
        check(seen.empty() || std::equal(rgb, end, seen.begin(), seen.end()),
              "pixels are the same each time");
        seen.assign(rgb, end);
      }
    }
  });
  check(memory.used() == 0, "memory is given back");
  return 0;
}

}  // namespace fuzz
