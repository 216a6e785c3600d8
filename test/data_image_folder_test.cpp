// SPDX-License-Identifier: MIT
#include <algorithm>

#include "data/dataset.h"
#include "kernels/error.h"
#include "test/data_pictures.h"
#include "test/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
using test::picture_file;
using test::PictureKind;
namespace fs = std::filesystem;

/// Two classes of pictures of several kinds and sizes, whose grey level says which they are.
void write_folder(const test::TemporaryDirectory& directory) {
  directory.write("train/a cat/one.jpg", test::plain_jpeg(20, 10));
  directory.write("train/a cat/two words.PNG",
                  picture_file(PictureKind::png, 30, 40, 1, std::vector<std::uint8_t>(1200, 20)));
  directory.write("train/žirafa/größe 1.jpeg", test::grey_jpeg(16, 30));
  directory.write("train/žirafa/.hidden", "not a picture");
  directory.write("train/.DS_Store", "nor this");
  directory.write("test/žirafa/x.bmp",
                  picture_file(PictureKind::bmp, 9, 7, 3, std::vector<std::uint8_t>(189, 40)));
  directory.write("test/a cat/y.jpg", test::plain_jpeg(64, 50));
}

data::Dataset load(const test::TemporaryDirectory& directory, int image_size = 0) {
  return data::load_dataset("image-folder", directory.path(), {.image_size = image_size});
}

TEST_CASE("An image folder is read in order of names, with spaces and other alphabets in them") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const data::Dataset set = load(directory, 32);
  CHECK(set.name == "image-folder");
  CHECK(set.classes == 2);
  CHECK(set.class_names == std::vector<std::string>{"a cat", "žirafa"});
  CHECK(set.train.labels == std::vector<std::int32_t>{0, 0, 1});
  CHECK(set.test.labels == std::vector<std::int32_t>{0, 1});
  CHECK(set.train.height == 37);  // 8/7 of 32, rounded up
  CHECK(set.view_size == 32);
  CHECK(set.view_height() == 32);
  CHECK(set.centre == 32);
  const auto level = [](const data::Images& images, std::size_t i) {
    const std::size_t size = std::size_t(images.height * images.width * 3);
    CHECK(std::count(images.pixels.begin() + i * size, images.pixels.begin() + (i + 1) * size,
                     images.pixels[i * size]) == std::ptrdiff_t(size));
    return int(images.pixels[i * size]);
  };
  CHECK(level(set.train, 0) == 10);
  CHECK(level(set.train, 1) == 20);
  CHECK(level(set.train, 2) == 30);
  CHECK(level(set.test, 0) == 50);
  CHECK(level(set.test, 1) == 40);

  fs::rename(directory.path() / "test", directory.path() / "val");
  CHECK(load(directory).test.count == 2);
  CHECK(load(directory).train.height == 74);  // 64 without the option
}

TEST_CASE("Of a picture the centre square is kept, resized without aliasing") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  // Left and right are outside the centre square; within, columns are black and white in turn.
  std::vector<std::uint8_t> stripes;
  for (int y = 0; y < 148; ++y)
    for (int x = 0; x < 148 + 60; ++x)
      stripes.push_back(x < 30 || x >= 178 ? 7 : std::uint8_t(x % 2 * 200));
  directory.write("test/a cat/y.jpg", picture_file(PictureKind::png, 208, 148, 1, stripes));
  const data::Dataset set = load(directory, 64);
  for (const std::size_t row : {0, 30, 73}) {
    for (std::size_t x = 1; x < 73; ++x)
      CHECK(std::abs(set.test.pixels[(row * 74 + x) * 3] - 100) <= 1);
  }
}

TEST_CASE("Folders that are no data set are refused with the file and the fact") {
  test::TemporaryDirectory directory;
  write_folder(directory);
  const fs::path root = directory.path();
  const auto error = [&](const std::string& fact) {
    CHECK_THROWS_WITH(load(directory),
                      Contains("image-folder: ") && Contains(fact) && !Contains("\n"));
    CHECK(
        std::none_of(fs::directory_iterator(root), fs::directory_iterator(), [](const auto& entry) {
          return entry.path().string().find(".softlabel") != std::string::npos;
        }));
  };
  fs::create_directory(root / "train/empty class");
  error((root / "train/empty class").string() + " has no pictures");
  fs::remove(root / "train/empty class");

  const fs::path notes = directory.write("train/a cat/notes.txt", "read me");
  error(notes.string() + " is not a picture (.jpg");
  fs::remove(notes);
  fs::create_directories(root / "train/a cat/more.jpg");
  error("more.jpg is not a picture");
  fs::remove(root / "train/a cat/more.jpg");

  const fs::path stray = directory.write("train/labels.csv", "0,1");
  error(stray.string() + " is not a directory");
  fs::remove(stray);

  const fs::path other = directory.write("test/dog/a.jpg", test::plain_jpeg(8, 1));
  error((root / "test/dog").string() + " is a class that " + (root / "train").string() +
        " does not have");
  fs::remove_all(root / "test/dog");

  const fs::path bad = directory.write("train/žirafa/bad one.jpg", test::jpeg_header(60000, 60000));
  error(bad.string() + " claims to have 60000 x 60000 pixels");
  directory.write("train/žirafa/bad two.jpg", "");
  directory.write("train/žirafa/bad three.jpg", "nonsense");
  error(bad.string() +
        " claims to have 60000 x 60000 pixels; up to 100 million are read (2 more of 8");
  fs::remove(bad);
  fs::remove(root / "train/žirafa/bad two.jpg");
  fs::remove(root / "train/žirafa/bad three.jpg");

  fs::remove_all(root / "test");
  error("there is no directory " + (root / "test").string());
  fs::remove_all(root / "train");
  error(root.string() + " has no train/: an image folder holds train/CLASS/PICTURE and test/");
}

TEST_CASE("Whoever stops decoding gets what they threw") {
  struct Stopped : kernels::Error {
    using Error::Error;
  };
  test::TemporaryDirectory directory;
  write_folder(directory);
  const auto stop = [](int, int) { throw Stopped("enough"); };
  CHECK_THROWS_AS(data::load_dataset("image-folder", directory.path(), {.progress = stop}),
                  Stopped);
}

TEST_CASE("An image folder has no place of its own, and image sizes have bounds") {
  CHECK_THROWS_WITH(data::load_dataset("image-folder"),
                    Contains("say where it is with --data-dir"));
  test::TemporaryDirectory directory;
  for (const int size : {-1, 7, 1025})
    CHECK_THROWS_WITH(load(directory, size),
                      Contains("--image-size is") && Contains("but image-folder takes 8 to 1024"));
  CHECK_THROWS_WITH(data::load_dataset("cifar10", directory.path(), {.image_size = 64}),
                    Contains("--image-size is 64, but cifar10 has images of 32 x 32 pixels"));
}

}  // namespace
