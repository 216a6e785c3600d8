// SPDX-License-Identifier: MIT
#include "data/pictures/image_decoder.h"

#include <cstdlib>

#include "kernels/runtime/error.h"
#include "test/support/data_pictures.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
using test::picture_file;
using test::PictureKind;
namespace fs = std::filesystem;

constexpr int width = 20, height = 12;

std::vector<std::uint8_t> slope(int channels) {  // smooth, so that JPEG keeps it
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        pixels.push_back(std::uint8_t(c == 3 ? 128 : 40 + 5 * x + 4 * y + 20 * c));
  return pixels;
}

int largest_error(const data::Picture& picture, int channels) {
  const std::vector<std::uint8_t> want = slope(channels);
  int worst = 0;
  for (int i = 0; i < width * height; ++i) {
    for (int c = 0; c < 3; ++c) {
      const int there = want[std::size_t(i * channels + (channels < 3 ? 0 : c))];
      worst = std::max(worst, std::abs(picture.rgb.get()[i * 3 + c] - there));
    }
  }
  return worst;
}

data::Picture decode(const std::string& bytes) {
  return data::decode_picture({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                              "it");
}

TEST_CASE("Pictures are read as RGB, whatever their kind, channels and name") {
  test::TemporaryDirectory directory;
  for (const auto kind : {PictureKind::jpeg, PictureKind::png, PictureKind::bmp}) {
    for (const int channels : {1, 3, 4}) {
      if (kind == PictureKind::bmp && channels == 4) continue;  // of its own kind of transparency
      const auto file = directory.write(
          "a picture", picture_file(kind, width, height, channels, slope(channels)));
      const data::Picture picture = data::read_picture(file);
      CHECK(picture.width == width);
      CHECK(picture.height == height);
      CHECK(largest_error(picture, channels) <= (kind == PictureKind::jpeg ? 4 : 0));
    }
  }
}

TEST_CASE("A JPEG of a single channel gives it to all three") {
  test::TemporaryDirectory directory;
  for (const int value : {0, 77, 128, 200, 255}) {
    const data::Picture picture =
        data::read_picture(directory.write("grey.JPEG", test::grey_jpeg(64, std::uint8_t(value))));
    CHECK(picture.width == 64);
    int wrong = 0;
    for (int i = 0; i < 64 * 64 * 3; ++i) wrong += picture.rgb.get()[i] != value;
    CHECK(wrong == 0);
  }
}

TEST_CASE("Damaged pictures are refused with the file and the fact") {
  test::TemporaryDirectory directory;
  const auto error = [&](const std::string& bytes, const std::string& fact) {
    INFO("should be: " << fact << ", " << bytes.size() << " bytes");
    const fs::path file = directory.write("bad picture.jpg", bytes);
    CHECK_THROWS_WITH(data::read_picture(file),
                      Contains(file.string()) && Contains(fact) && !Contains("\n"));
  };
  const std::string jpeg = picture_file(PictureKind::jpeg, width, height, 3, slope(3));
  const std::string png = picture_file(PictureKind::png, width, height, 3, slope(3));
  error("", "is empty");
  error("\xFF", "is not a JPEG");
  error("<html>404 Not Found</html>", "is not a JPEG, PNG, BMP, PNM, WebP or GIF file");
  error(test::jpeg_header(60000, 60000),
        "claims to have 60000 x 60000 pixels; up to 100 million are read");
  for (const std::size_t less : {1, 2, 3, 50})
    error(jpeg.substr(0, jpeg.size() - less), "truncated");
  error(jpeg.substr(0, 200), "truncated");
  for (const std::size_t size : {png.size() / 2, png.size() - 1})
    error(png.substr(0, size), "is truncated");
  for (std::size_t i = 8; i < png.size(); ++i) {  // of every chunk, and every part of it
    std::string flipped = png;
    flipped[i] ^= 1;
    const fs::path file = directory.write("flipped.png", flipped);
    INFO("byte " << i);
    CHECK_THROWS_AS(data::read_picture(file), kernels::Error);
  }
  std::string bad_table = jpeg;  // a quantisation table of a number that there cannot be
  bad_table[bad_table.find("\xFF\xDB") + 4] = '\x55';
  error(bad_table, "is damaged: Bogus DQT index 5");

  const fs::path nothing = directory.path() / "nothing.jpg";
  CHECK_THROWS_WITH(data::read_picture(nothing), Contains("nothing.jpg cannot be read: No such"));
  CHECK_THROWS_WITH(data::read_picture(directory.path()), Contains("cannot be read"));
}

TEST_CASE("Pictures whose pixels lie there as they are must have all of them") {
  test::TemporaryDirectory directory;
  const auto read = [&](const std::string& bytes) {
    return largest_error(data::read_picture(directory.write("a picture", bytes)), 1);
  };
  const std::vector<std::uint8_t> pixels = slope(1);
  const std::string values(pixels.begin(), pixels.end());
  for (const std::string& file :
       {"P5\n20 12\n255\n" + values, "P5 # of 99 things\n# 1\n20\t12 255\n" + values,
        picture_file(PictureKind::bmp, width, height, 1, pixels)}) {
    CHECK(read(file) == 0);
    CHECK(read(file + "more") == 0);
    for (const std::size_t less : {std::size_t{1}, file.size() / 2})
      CHECK_THROWS_WITH(read(file.substr(0, file.size() - less)),
                        Contains("a picture is truncated or damaged: 20 x 12 pixels take"));
  }
  // Rows of 15 bytes, which the file fills up to 16.
  const std::string bmp = picture_file(PictureKind::bmp, 5, 2, 3, std::vector<std::uint8_t>(30));
  CHECK_NOTHROW(data::read_picture(directory.write("b", bmp.substr(0, bmp.size() - 1))));
  CHECK_THROWS_WITH(data::read_picture(directory.write("c", bmp.substr(0, bmp.size() - 2))),
                    Contains("truncated"));
}

TEST_CASE("Bytes behind a JPEG's end, and thumbnails within it, do no harm") {
  test::TemporaryDirectory directory;
  const std::string jpeg = picture_file(PictureKind::jpeg, width, height, 3, slope(3));
  const std::string thumbnail =
      std::string("\xFF\xE1") + char((jpeg.size() + 2) >> 8) + char(jpeg.size() + 2) + jpeg;
  const std::string nested = jpeg.substr(0, 2) + thumbnail + jpeg.substr(2);
  CHECK(data::read_picture(directory.write("a", jpeg + "more")).width == width);
  CHECK(largest_error(data::read_picture(directory.write("b", nested)), 3) <= 4);
  CHECK_THROWS_WITH(data::read_picture(directory.write("c", nested.substr(0, nested.size() - 30))),
                    Contains("truncated"));
}

TEST_CASE("JPEGs with bytes of ones before markers are read as without") {
  const std::string jpeg = picture_file(PictureKind::jpeg, width, height, 3, slope(3));
  for (std::size_t at = 2; at < jpeg.size() - 1; ++at) {
    const auto next = std::uint8_t(jpeg[at + 1]);
    if (jpeg[at] != '\xFF' || next == 0 || next < 0xC0 || next == 0xFF) continue;
    INFO("marker " << int(next) << " at " << at);
    std::string filled = jpeg;
    CHECK(largest_error(decode(filled.insert(at, "\xFF\xFF\xFF")), 3) <= 4);
  }
}

TEST_CASE("JPEGs that say what is not so are refused before they cost anything") {
  const auto error = [](const std::string& bytes, const std::string& fact) {
    INFO(fact);
    CHECK_THROWS_WITH(decode(bytes), Contains("it is ") && Contains(fact));
  };
  const std::string grey = test::grey_jpeg(8, 100);
  const auto scan = grey.find("\xFF\xDA"), table = grey.find("\xFF\xC4"),
             frame = grey.find("\xFF\xC0");
  error(grey.substr(0, scan) + "\xFF\xD9", "is damaged: Invalid JPEG file structure");  // no scan

  std::string codes = grey;  // a Huffman table of 16 x 255 codes
  codes.replace(table, 4, "\xFF\xC4\x10\x03");
  codes.replace(table + 5, 16, std::string(16, '\xFF'));
  codes.insert(table + 21, std::string(16 * 255, '\1'));
  error(codes, "is damaged: Bogus Huffman table definition");

  std::string deep = grey;
  deep[frame + 4] = 12;
  error(deep, "is a JPEG of 12 bits; those of 8 are read");

  std::string colour = grey;  // two of three channels are in no scan
  colour.replace(frame + 2, 2, std::string("\0\x11", 2));
  colour[frame + 9] = 3;
  colour.insert(frame + 13, std::string("\2\x11\0\3\x11\0", 6));
  error(colour, "one of its channels is in no scan");
  std::string two = colour;
  two.erase(frame + 16, 3).replace(frame + 2, 2, std::string("\0\x0E", 2))[frame + 9] = 2;
  error(two, "is a JPEG of 2 channels");

  // 12,500,000 blocks of 8 x 8, each of which takes two bits.
  const std::string bits = grey.substr(grey.find("\xFF\xDA") + 10);
  error(test::jpeg_header(10'000, 10'000) + bits,
        "10000 x 10000 pixels take 390625 bytes at least, and it has");
  std::string progressive = test::jpeg_header(10'000, 10'000) + bits;
  progressive[frame + 1] = '\xC2';
  error(progressive, "10000 x 10000 pixels take 195312 bytes at least, and it has");
}

TEST_CASE("A PNG that claims more pixels than its bytes can hold is refused, a small one is not") {
  std::string png =
      picture_file(PictureKind::png, 900, 900, 3, std::vector<std::uint8_t>(900 * 900 * 3, 255));
  CHECK(decode(png).width == 900);  // as small as white can be
  png.replace(16, 8, std::string("\0\0\x27\x10\0\0\x27\x0F", 8));
  CHECK_THROWS_WITH(decode(png), Contains("10000 x 9999 pixels take 290669 bytes at least"));
}

TEST_CASE("Names of pictures end as such names do, in any case") {
  for (const char* name :
       {"a.jpg", "a.jfif", "a.WebP", "b.JPEG", "x y.Png", ".bmp.bmp", "é.ppm", "a.GIF"})
    CHECK(data::has_picture_name(name));
  for (const char* name : {"a", "jpg", "a.txt", "a.jpg.zip", "a.tif"})
    CHECK_FALSE(data::has_picture_name(name));
}

}  // namespace
