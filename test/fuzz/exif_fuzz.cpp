// SPDX-License-Identifier: MIT
#include "data/pictures/exif.h"

#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepts("", [&] {
    const int orientation = data::exif_orientation({data, size});
    fuzz::check(orientation >= 1 && orientation <= 8, "an orientation is in [1, 8]");
  });
  return 0;
}
