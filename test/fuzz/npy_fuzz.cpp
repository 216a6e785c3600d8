// SPDX-License-Identifier: MIT
// An array's bytes are as many as its type and shape say, and its values come in every width.
#include "nn/files/npy.h"

#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::File input;
  const std::filesystem::path file = input.holding({data, size});
  nn::FileTensor header, array;
  const bool sound = fuzz::accepts(file, [&] { array = nn::read_npy(file); });
  fuzz::check(fuzz::accepts(file, [&] { header = nn::read_npy_header(file); }) == sound,
              "the header is sound where the array is");
  if (!sound) return 0;
  fuzz::check(nn::is_npy(file), "an array is known as one");
  fuzz::check(header.dtype == array.dtype && header.shape == array.shape, "the header is the same");
  fuzz::check(
      array.bytes.size() == nn::byte_count(array.dtype, array.shape) && array.bytes.size() <= size,
      "the values are in the file");
  fuzz::accepts("", [&] { array.to_f32(); });
  fuzz::accepts("", [&] { array.to_i64(); });
  return 0;
}
