// SPDX-License-Identifier: MIT
#include "data/sets/cifar.h"

#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::File input;
  constexpr std::size_t image_bytes = 3 * 32 * 32;
  const std::filesystem::path file = input.holding({data, size});
  for (const data::CifarFormat& format :
       {data::CifarFormat{"CIFAR-10", {10}}, data::CifarFormat{"CIFAR-100", {20, 100}}}) {
    const std::size_t labels = format.label_classes.size(), record = labels + image_bytes;
    const std::size_t count = std::max<std::size_t>(1, size / record);
    fuzz::accepts(file, [&] {
      const data::Images images = data::read_cifar(format, {file}, int(count));
      fuzz::check(size == count * record && images.pixels.size() == count * image_bytes,
                  "the file is as long as its images");
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* planes = data + i * record + labels;
        fuzz::check(images.labels[i] == planes[-1], "labels are the file's");
        fuzz::check(images.pixels[(i + 1) * image_bytes - 1] == planes[image_bytes - 1],
                    "pixels are the file's");
      }
    });
  }
  return 0;
}
