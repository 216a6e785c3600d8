// SPDX-License-Identifier: MIT
#include "test/fuzz/picture_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::decode_picture({data, size});
}
