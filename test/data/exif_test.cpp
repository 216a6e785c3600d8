// SPDX-License-Identifier: MIT
#include "data/pictures/exif.h"

#include <zlib.h>

#include "data/pictures/image_decoder.h"
#include "test/support/catch.h"
#include "test/support/data_pictures.h"

namespace {

/// Numbers of either byte order.
std::string number(bool little, std::uint32_t value, int size) {
  std::string text;
  for (int i = 0; i < size; ++i) text += char(value >> 8 * (little ? i : size - 1 - i));
  return text;
}

/// EXIF data with one entry, behind another one.
std::string exif(bool little, int orientation, int type = 3, int count = 1) {
  const auto n = [&](std::uint32_t value, int size) { return number(little, value, size); };
  return (little ? "II" : "MM") + n(42, 2) + n(8, 4) + n(2, 2) +        //
         n(271, 2) + n(2, 2) + n(3, 4) + "me" + std::string(2, '\0') +  // who made the camera
         n(274, 2) + n(std::uint32_t(type), 2) + n(std::uint32_t(count), 4) +
         n(std::uint32_t(orientation), type == 3 ? 2 : 4) + std::string(type == 3 ? 2 : 0, '\0') +
         n(8, 4);  // the next directory is this one
}

int orientation_of(const std::string& data) {
  return data::exif_orientation({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
}

data::Picture decode(const std::string& bytes, bool turn = true) {
  return data::decode_picture({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                              "it", {.exif_orientation = turn});
}

TEST_CASE("EXIF's orientation is found in either byte order; damaged EXIF says nothing") {
  for (const bool little : {true, false}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      CHECK(orientation_of(exif(little, orientation)) == orientation);
      CHECK(orientation_of(std::string("Exif\0\0", 6) + exif(little, orientation, 4)) ==
            orientation);
    }
    for (const int none : {0, 9, 255, 65535}) CHECK(orientation_of(exif(little, none)) == 1);
    CHECK(orientation_of(exif(little, 6, 2)) == 1);     // text
    CHECK(orientation_of(exif(little, 6, 3, 2)) == 6);  // two numbers, the first as in Pillow
    CHECK(orientation_of(exif(little, 6, 3, 3)) == 1);  // three, which are elsewhere
    CHECK(orientation_of(exif(little, 6, 4, 2)) == 1);  // so are two of four bytes
    const std::string whole = exif(little, 6);
    const std::size_t end = whole.size() - 4;  // of what counts
    for (std::size_t size = 0; size < whole.size(); ++size)
      CHECK(orientation_of(whole.substr(0, size)) == (size < end ? 1 : 6));
    std::string many = whole;
    many.replace(8, 2, "\xFF\xFF");
    CHECK(orientation_of(many) == 6);
    std::string away = whole;  // the directory would be behind the end
    away.replace(4, 4, "\xFF\xFF\xFF\xFF");
    CHECK(orientation_of(away) == 1);
    std::string of_tiff = whole;
    of_tiff[little ? 2 : 3] = 43;
    CHECK(orientation_of(of_tiff) == 1);
  }
  CHECK(orientation_of("IM*") == 1);
}

std::string png_with(const std::string& name, const std::string& content) {
  // Two rows of three: 1 2 3, 4 5 6.
  std::string file = test::picture_file(test::PictureKind::png, 3, 2, 1, {1, 2, 3, 4, 5, 6});
  const std::string named = name + content;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(named.data()), uInt(named.size()));
  return file.insert(33, number(false, std::uint32_t(content.size()), 4) + named +
                             number(false, std::uint32_t(crc), 4));
}

TEST_CASE("Pictures are turned as Pillow's exif_transpose turns them, unless that is off") {
  const std::vector<std::vector<std::vector<int>>> want = {
      {{1, 2, 3}, {4, 5, 6}},   {{3, 2, 1}, {6, 5, 4}},   {{6, 5, 4}, {3, 2, 1}},
      {{4, 5, 6}, {1, 2, 3}},   {{1, 4}, {2, 5}, {3, 6}}, {{4, 1}, {5, 2}, {6, 3}},
      {{6, 3}, {5, 2}, {4, 1}}, {{3, 6}, {2, 5}, {1, 4}}};
  const auto rows_of = [](const data::Picture& picture) {
    std::vector<std::vector<int>> rows;
    for (int y = 0; y < picture.height; ++y) {
      rows.emplace_back();
      for (int x = 0; x < picture.width; ++x)
        rows.back().push_back(picture.rgb[std::size_t((y * picture.width + x) * 3 + 2)]);
    }
    return rows;
  };
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string file = png_with("eXIf", exif(false, orientation));
    CHECK(rows_of(decode(file)) == want[std::size_t(orientation - 1)]);
    CHECK(rows_of(decode(file, false)) == want[0]);
  }

  // JPEG: EXIF may come behind other segments. Dark at the left, so dark at the top when turned.
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 16 * 32; ++i) pixels.push_back(i % 32 < 16 ? 10 : 200);
  std::string jpeg = test::picture_file(test::PictureKind::jpeg, 32, 16, 1, pixels);
  const std::string segment = std::string("Exif\0\0", 6) + exif(true, 6);
  jpeg.insert(2, "\xFF\xE1" + number(false, std::uint32_t(segment.size() + 2), 2) + segment);
  jpeg.insert(2, std::string("\xFF\xE1\x00\x0Bhttp://x\0", 13));
  const data::Picture turned = decode(jpeg), as_stored = decode(jpeg, false);
  CHECK(turned.width == 16);
  CHECK(turned.height == 32);
  CHECK(turned.rgb[15 * 3] < 20);
  CHECK(turned.rgb[31 * 16 * 3] > 190);
  CHECK(as_stored.width == 32);
  CHECK(as_stored.rgb[31 * 3] > 190);
}

}  // namespace
