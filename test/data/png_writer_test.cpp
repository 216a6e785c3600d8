// SPDX-License-Identifier: MIT
#include "data/pictures/png_writer.h"

#include <vector>

#include "data/pictures/image_decoder.h"
#include "test/support/catch.h"
#include "test/support/error_of.h"
#include "test/support/temporary_directory.h"

TEST_CASE("pixels come back from the PNG that is made of them") {
  const test::TemporaryDirectory directory;
  const int channels = GENERATE(1, 3);
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 5 * 7 * channels; ++i) pixels.push_back(std::uint8_t(37 * i));
  const auto file = directory.write("a.png", data::png_of(pixels, 5, 7, channels));
  const data::Picture picture = data::read_picture(file);
  REQUIRE(picture.height == 5);
  REQUIRE(picture.width == 7);
  for (int i = 0; i < 5 * 7; ++i)
    for (int c = 0; c < 3; ++c)
      CHECK(picture.rgb[std::size_t(3 * i + c)] ==
            pixels[std::size_t(channels * i + (channels == 3 ? c : 0))]);
}

TEST_CASE("bytes that are no picture make no PNG") {
  const std::vector<std::uint8_t> pixels(12);
  CHECK(test::error_of([&] { data::png_of(pixels, 2, 3, 3); }) ==
        "png: 12 bytes are no picture of 3 x 2 pixels of 3 channels");
  CHECK_THROWS(data::png_of({}, 0, 0, 3));
}
