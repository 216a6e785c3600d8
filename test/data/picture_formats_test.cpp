// SPDX-License-Identifier: MIT
// Pictures against what Pillow reads from them: golden/pictures/make.py.
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "data/pictures/image_decoder.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/data_pictures.h"
#include "test/support/support.h"

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
namespace fs = std::filesystem;

const fs::path folder = test::golden() / "pictures";

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

data::Picture decode(const std::string& bytes) {
  return data::decode_picture({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                              "it");
}

std::vector<int> pixels_of(const std::string& bytes) {
  const data::Picture picture = decode(bytes);
  const std::uint8_t* rgb = picture.rgb.get();
  return {rgb, rgb + picture.width * picture.height * 3};
}

/// Whether this build has libwebp.
bool reads_webp() {
  try {
    data::read_picture(folder / "lossy.webp");
  } catch (const kernels::Error& problem) {
    CHECK_THAT(problem.what(), EndsWith("install libwebp-dev, then configure and build again"));
    return false;
  }
  return true;
}

TEST_CASE("JPEGs have Pillow's pixels, of every colour space and subsampling") {
  int pictures = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".jpg") continue;
    ++pictures;
    INFO(entry.path());
    const data::Picture picture = data::read_picture(entry.path());
    REQUIRE(picture.width == 13);
    REQUIRE(picture.height == 9);
    const std::string begin = "P6\n13 9\n255\n";
    const std::string want = content_of(fs::path(entry.path()).replace_extension(".ppm"));
    REQUIRE(want.size() == begin.size() + 13 * 9 * 3);
    int worst = 0;
    for (std::size_t i = 0; i < 13 * 9 * 3; ++i)
      worst = std::max(worst, std::abs(picture.rgb[i] - std::uint8_t(want[begin.size() + i])));
    CHECK(worst <= 1);
  }
  CHECK(pictures == 9);
}

TEST_CASE("PNG, BMP, WebP and GIF have Pillow's pixels, to the last bit") {
  const bool webp = reads_webp();
  std::istringstream lines(content_of(folder / "pixels.txt"));
  int pictures = 0, width, height;
  unsigned long checksum;
  for (std::string name; lines >> name >> width >> height >> checksum; ++pictures) {
    if (name.ends_with(".webp") && !webp) continue;
    INFO(name);
    const data::Picture picture = data::read_picture(folder / name);
    CHECK(picture.width == width);
    CHECK(picture.height == height);
    CHECK(crc32(0, picture.rgb.get(), uInt(picture.width * picture.height * 3)) == checksum);
  }
  CHECK(pictures == 42);
}

TEST_CASE("PNM of every kind is read, scaled from its maximum") {
  const auto grey = [](const std::string& bytes) {
    std::vector<int> values;
    const std::vector<int> rgb = pixels_of(bytes);
    for (std::size_t i = 0; i < rgb.size(); i += 3) {
      CHECK((rgb[i] == rgb[i + 1] && rgb[i] == rgb[i + 2]));
      values.push_back(rgb[i]);
    }
    return values;
  };
  using Values = std::vector<int>;
  CHECK(grey("P1 3 2\n1 0 1 # 1 1\n001") == Values{0, 255, 0, 255, 255, 0});
  CHECK(grey("P2\n3 1\n15\n0 14\n15") == Values{0, 238, 255});
  CHECK(pixels_of("P3 1 2 100 0 50 100 1 2 3") == Values{0, 128, 255, 3, 5, 8});
  CHECK(grey("P4\n9 2\n\xA5\x80\x5A\x7F") ==
        Values{0, 255, 0, 255, 255, 0, 255, 0, 0, 255, 0, 255, 0, 0, 255, 0, 255, 255});
  CHECK(grey("P5 3 1 15\n" + std::string("\0\x0E\x0F", 3)) == Values{0, 238, 255});
  CHECK(grey("P5 #\r2 1\r255\r\x20\x30more") == Values{0x20, 0x30});
  CHECK(grey("P5 2 1 1000 " + std::string("\x03\xE8\x01\xF4", 4)) == Values{255, 128});
  CHECK(pixels_of("P6 1 1 65535\n" + std::string("\xFF\xFF\x80\x00\x00\x00", 6)) ==
        Values{255, 128, 0});
  for (const auto& [bytes, fact] : std::vector<std::pair<std::string, std::string>>{
           {"P5 2 1 15\n\x0F\x10", "a sample is 16, above its maximum of 15"},
           {"P2 2 1 15\n15 16", "a sample is 16, above its maximum of 15"},
           {"P5 2 1 255\nx", "2 x 1 pixels take 13 bytes at least, and it has 12"},
           {"P3 1 1 9 1 2 ", "is truncated"},
           {"P2 1 1 9 x", "byte 10 is no digit"},
           {"P1 3 1 10 2", "is neither 0 nor 1"},
           {"P5 2 1 65536 aaaa", "of up to 65536"},
           {"P5 2 1 0 aa", "of up to 0"},
           {"P5 0 1 255 ", "0 x 1 pixels"},
           {"P5 4294967297 1 255 x", "a number above 1000000000"},
           {"P6 1000000000 1000000000 65535 ", "claims to have 1000000000 x 1000000000 pixels"},
           {"P5", "it is not a JPEG, PNG, BMP, PNM, WebP or GIF file"},
           {"P5 ", "is truncated"}}) {
    INFO(bytes);
    CHECK_THROWS_WITH(decode(bytes), Contains("it ") && Contains(fact));
  }
}

TEST_CASE("No picture that is cut off anywhere is read") {
  const bool webp = reads_webp();
  for (const char* name :
       {"420.jpg", "420progressive.jpg", "422.jpg", "ycck.jpg", "lossy.webp", "lossless.webp",
        "lossy_transparent.webp", "8bits_type2.png", "16bits_type6_interlaced.png", "32bits.bmp"}) {
    const std::string bytes = content_of(folder / name);
    if (std::string(name).ends_with(".webp") && !webp) continue;
    CHECK_NOTHROW(decode(bytes + "more"));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      INFO(name << ": " << size << " of " << bytes.size() << " bytes");
      CHECK_THROWS_AS(decode(bytes.substr(0, size)), kernels::Error);
    }
  }
}

TEST_CASE("A GIF is whole from the end of its first picture on") {
  const std::string bytes = content_of(folder / "interlaced.gif");
  CHECK_NOTHROW(decode(bytes.substr(0, bytes.size() - 1)));  // only its own end is missing
  for (std::size_t size = 0; size < bytes.size() - 1; ++size) {
    INFO(size << " of " << bytes.size() << " bytes");
    CHECK_THROWS_AS(decode(bytes.substr(0, size)), kernels::Error);
  }
  // A canvas that its bytes cannot fill, however small the picture in it is.
  CHECK_THROWS_WITH(decode(std::string(bytes).replace(6, 4, "\x28\x23\x28\x23")),
                    Contains("9000 x 9000 pixels take 29663 bytes at least"));
}

TEST_CASE("BMPs that cannot be read say why") {
  const std::string eight = content_of(folder / "8bits.bmp"),
                    deep = content_of(folder / "32bits.bmp");
  const auto changed = [](std::string bytes, std::size_t at, const std::string& by) {
    return bytes.replace(at, by.size(), by);
  };
  for (const auto& [bytes, fact] : std::vector<std::pair<std::string, std::string>>{
           {changed(eight, 30, "\1"), "is a BMP compressed by run lengths"},
           {changed(deep, 30, "\4"), "is a BMP compressed by JPEG"},
           {changed(deep, 30, "\5"), "is a BMP compressed by PNG"},
           {changed(deep, 30, "\x0B"), "is a BMP compressed by method 11"},
           {changed(deep, 30, "\3"), "is no colour mask"},
           {changed(content_of(folder / "32bits_v5.bmp"), 54, std::string("\0\0\0\0", 4)),
            "00000000 is no colour mask"},
           {changed(eight, 28, "\2"), "is a BMP of 2 bits"},
           {changed(eight, 46, "\2"), "a pixel has colour "},
           {changed(eight, 46, "\xFF\xFF"), "it has 65535 colours for 8 bits"},
           {changed(eight, 10, "\x36"), "its pixels are within its header"},
           {changed(eight, 14, "\x7D"), "is a BMP of an unknown kind"},
           {changed(deep, 18, "\xFF\xFF\xFF\xFF"), "its width is -1"},
           {changed(deep, 22, std::string("\0\0\0\0", 4)), "claims to have 13 x 0 pixels"},
           {changed(deep, 22, std::string("\0\0\0\x80", 4)),
            "claims to have 13 x 2147483648 pixels"},
           {changed(deep, 22, "\xFF"),
            "13 x 255 pixels take 13314 bytes at least, and it has 522"}}) {
    INFO(fact);
    CHECK_THROWS_WITH(decode(bytes), Contains(fact));
  }
}

TEST_CASE("Pictures of formats that are not read are called what they are") {
  using namespace std::string_literals;
  for (const auto& [bytes, what] : std::vector<std::pair<std::string, std::string>>{
           {"II*\0...."s, "a TIFF picture"},
           {"MM\0*...."s, "a TIFF picture"},
           {"\0\0\0\x18"
            "ftypheic"s,
            "a HEIC picture"},
           {"\0\0\0\x18"
            "ftypmif1"s,
            "a HEIC picture"},
           {"\0\0\0\x18"
            "ftypavif"s,
            "an AVIF picture"},
           {"\0\0\0\x18"
            "ftypisom"s,
            "a film"},
           {"\xFF\x0A..", "a JPEG XL picture"},
           {"\0\0\0\x0CjP  \r\n"s, "a JPEG 2000 picture"},
           {"8BPS..", "a Photoshop picture"},
           {"\0\0\1\0\1"s, "an ICO picture"},
           {"P7\nWIDTH 1", "a PAM picture"},
           {"<?xml version=\"1.0\"?>\n<svg xmlns", "an SVG drawing"},
           {"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"}}) {
    CHECK_THROWS_WITH(decode(bytes), Contains("it is " + what) &&
                                         Contains("JPEG, PNG, BMP, PNM, WebP and GIF are read"));
  }
  CHECK_THROWS_WITH(decode("8BPS.."), EndsWith(": convert it, for instance by ImageMagick"));
  CHECK_THROWS_WITH(decode("%PDF-1.7"),
                    EndsWith("is a PDF document; JPEG, PNG, BMP, PNM, WebP and GIF are read"));
  if (reads_webp())
    CHECK_THROWS_WITH(decode(content_of(folder / "animated.webp")),
                      EndsWith("is an animated WebP; those of one picture are read"));
}

}  // namespace
