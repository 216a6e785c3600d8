// SPDX-License-Identifier: MIT
// A cache is taken as it is, or found to be unfit: nothing in between.
#include "data/pictures/image_cache.h"

#include <algorithm>
#include <cstring>

#include "data/checksum.h"
#include "test/fuzz/fuzz.h"

namespace {

constexpr std::size_t pixels_at = 64, checksum_at = 32;  // see image_cache.cpp

const data::ImageList& pictures() {
  static const data::ImageList list{"/none",
                                    {"a", "b"},
                                    {{"a/1.png", 0, 100, 1}, {"b/1.png", 1, 200, 2}},
                                    {{"a/2.png", 0, 3, 4}}};
  return list;
}

struct Unfit {};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (size < pixels_at || seed % 8 == 0) return size;
  const std::uint64_t sum = data::checksum({data + pixels_at, size - pixels_at});
  std::memcpy(data + checksum_at, &sum, sizeof sum);
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::File input;
  const std::filesystem::path file = input.holding({data, size});
  constexpr int side = 2;
  fuzz::accepts(file, [&] {
    try {
      const data::CachedImages images = data::load_cached(
          pictures(), {side, false}, file, [](const std::string&) { throw Unfit(); }, {});
      const std::size_t count = 3, flags = size - count;
      const auto bad = std::size_t(count - std::size_t(std::count(data + flags, data + size, 0)));
      fuzz::check(images.list.bad.size() == bad, "as many are bad as are said to be");
      fuzz::check(images.train.labels.size() + images.test.labels.size() == count - bad,
                  "the others are there");
      if (bad == 0)
        fuzz::check(images.train.labels == std::vector<std::int32_t>{0, 1} &&
                        images.test.labels == std::vector<std::int32_t>{0},
                    "labels are the list's");
      std::vector<std::uint8_t> pixels(images.train.pixels.begin(), images.train.pixels.end());
      pixels.insert(pixels.end(), images.test.pixels.begin(), images.test.pixels.end());
      fuzz::check(pixels.size() == (count - bad) * side * side * 3 &&
                      std::equal(pixels.begin(), pixels.end(), data + pixels_at),
                  "pixels are the file's");
    } catch (const Unfit&) {
    }
  });
  return 0;
}
