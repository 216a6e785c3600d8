// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <zlib.h>

#include <array>
#include <chrono>
#include <cmath>

#include "data/dataset.h"
#include "data/sets/idx.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

constexpr int side = 28, classes = 10;

std::string big_endian(std::uint32_t value) {
  return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

std::string idx(const std::vector<std::uint32_t>& shape, const std::string& values) {
  std::string bytes{0, 0, 8, char(shape.size())};
  for (const std::uint32_t extent : shape) bytes += big_endian(extent);
  return bytes + values;
}

std::string gzip(std::string bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = uInt(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = uInt(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string pixels(std::size_t count) {
  std::string values(count * side * side, '\0');
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = char(i * 2654435761u >> 11);
  return values;
}

std::string labels(std::size_t count) {
  std::string values;
  for (std::size_t i = 0; i < count; ++i) values += char(i * 7 % classes);
  return values;
}

std::string image_file(std::uint32_t count) { return idx({count, side, side}, pixels(count)); }
std::string label_file(std::uint32_t count) { return idx({count}, labels(count)); }

data::Images read(const test::TemporaryDirectory& directory, const std::string& image_bytes,
                  const std::string& label_bytes) {
  return data::read_idx(directory.write("images", image_bytes),
                        directory.write("labels", label_bytes), side, classes);
}

TEST_CASE("IDX files are read as they are and gzipped") {
  test::TemporaryDirectory directory;
  const bool packed = GENERATE(false, true);
  const auto write = [&](const std::string& bytes) { return packed ? gzip(bytes) : bytes; };
  const data::Images images = read(directory, write(image_file(31)), write(label_file(31)));
  CHECK(images.count == 31);
  CHECK(images.height == side);
  CHECK(images.width == side);
  CHECK(images.channels == 1);
  const std::string got(images.pixels.begin(), images.pixels.end());
  CHECK(got == pixels(31));
  REQUIRE(images.labels.size() == 31);
  for (int i = 0; i < 31; ++i) CHECK(images.labels[std::size_t(i)] == i * 7 % classes);
}

TEST_CASE("A pipe in the place of an IDX file is refused, where opening it would wait") {
  test::TemporaryDirectory directory;
  const std::filesystem::path pipe = directory.path() / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(data::read_idx(pipe, pipe, side, classes),
                    Contains("pipe cannot be read: it is a pipe, not a regular file"));
}

TEST_CASE("Damaged IDX files are refused with the file and the fact") {
  test::TemporaryDirectory directory;
  const std::string images = image_file(8), packed = gzip(images), four = label_file(8);

  const auto image_error = [&](const std::string& bytes, const std::string& fact) {
    CHECK_THROWS_WITH(
        read(directory, bytes, four),
        Contains((directory.path() / "images").string()) && Contains(fact) && !Contains("\n"));
  };
  image_error("", "truncated");
  image_error(images.substr(0, 3), "truncated");
  image_error(images.substr(0, 10), "truncated");
  image_error(images.substr(0, images.size() - 1), "truncated: it ends 1 bytes too early");
  image_error(images + 'x', "too long: it goes on after the 6272 values");
  image_error(packed.substr(0, packed.size() / 2), "truncated: its gzip data stops");
  image_error(packed.substr(0, packed.size() - 1), "truncated: its gzip data stops");
  image_error(packed.substr(0, packed.size() - 8), "truncated: its gzip data stops");
  image_error(gzip(images + 'x'), "too long");
  image_error(four, "it starts with 00 00 08 01, not 00 00 08 03");
  image_error("PK\3\4 and so on", "it starts with 50 4b 03 04");
  image_error(idx({8, 32, 28}, std::string(8 * 32 * 28, 'x')),
              "images of 32 x 28 pixels, not of 28");
  image_error(idx({0, side, side}, ""), "has 0 images");
  // A header that promises 1.6 TB must not make us ask for them.
  CHECK_THROWS_WITH(read(directory, idx({INT32_MAX, side, side}, pixels(1)), idx({INT32_MAX}, "")),
                    Contains("labels is truncated"));

  std::string wrong_checksum = packed;
  wrong_checksum[packed.size() - 8] ^= 1;
  image_error(wrong_checksum, "incorrect data check (damaged)");
  std::string wrong_data = packed;
  wrong_data[packed.size() / 2] ^= 0x10;
  image_error(wrong_data, "(damaged)");

  // zlib holds smaller ones whole, and compares their checksum in any case.
  const std::string large = gzip(image_file(200)), its_labels = label_file(200);
  for (const std::size_t less : {1, 4, 8})
    CHECK_THROWS_WITH(read(directory, large.substr(0, large.size() - less), its_labels),
                      Contains("truncated: its gzip data stops"));
  CHECK_NOTHROW(read(directory, large, its_labels));

  CHECK_THROWS_WITH(read(directory, images, images),
                    Contains("labels is not an IDX file of bytes with 1 dimension(s)"));
  CHECK_THROWS_WITH(read(directory, images, label_file(7)),
                    Contains("images has 8 images, but ") && Contains("labels has 7 labels"));
  CHECK_THROWS_WITH(read(directory, images, idx({8}, std::string("\1\2\3\4\5\6\7\12", 8))),
                    Contains("labels: label 10 of image 7 is not in [0, 10)"));

  const fs::path label_path = directory.write("labels", four);
  CHECK_THROWS_WITH(data::read_idx(directory.path() / "nothing", label_path, side, classes),
                    Contains("nothing cannot be read: No such file or directory"));
  CHECK_THROWS_WITH(data::read_idx(directory.path(), label_path, side, classes),
                    Contains(directory.path().string()) && Contains("it is a directory"));
}

TEST_CASE("Fashion-MNIST loads from a directory of either kind of file") {
  test::TemporaryDirectory directory;
  const std::string prefix = GENERATE("", "fashion-mnist/");
  directory.write(prefix + "train-images-idx3-ubyte.gz", gzip(image_file(20)));
  directory.write(prefix + "train-labels-idx1-ubyte", label_file(20));
  directory.write(prefix + "t10k-images-idx3-ubyte", image_file(10));
  const fs::path last = directory.write(prefix + "t10k-labels-idx1-ubyte.gz", gzip(label_file(10)));
  const data::Dataset set = data::load_dataset("fashion-mnist", directory.path());
  CHECK(set.name == "fashion-mnist");
  CHECK(set.train.count == 20);
  CHECK(set.test.count == 10);
  CHECK(set.classes == 10);
  CHECK(set.class_names.size() == 10);

  fs::remove(last);
  CHECK_THROWS_WITH(data::load_dataset("fashion-mnist", directory.path()),
                    Contains("fashion-mnist: " + last.string() + " cannot be read") &&
                        Contains("apt-get install --reinstall dataset-fashion-mnist"));
  CHECK_THROWS_WITH(data::load_dataset("fashion-mnist", directory.path() / "none"),
                    Contains("there is no directory " + (directory.path() / "none").string()) &&
                        Contains("dataset-fashion-mnist"));
}

TEST_CASE("The real Fashion-MNIST is whole, is normalised by its own statistics and loads fast") {
  if (!fs::exists(data::default_data_dir("fashion-mnist"))) {
    WARN("skipped: the package dataset-fashion-mnist is not installed");
    return;
  }
  const auto start = std::chrono::steady_clock::now();
  const data::Dataset set = data::load_dataset("fashion-mnist");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  CHECK(seconds.count() < 5);  // takes 0.4 s; the rest is for sanitizers and busy machines

  CHECK(set.train.count == 60'000);
  CHECK(set.test.count == 10'000);
  std::array<int, classes> train{}, test{};
  for (const int label : set.train.labels) ++train[std::size_t(label)];
  for (const int label : set.test.labels) ++test[std::size_t(label)];
  for (const int count : train) CHECK(count == 6'000);
  for (const int count : test) CHECK(count == 1'000);

  double sum = 0, squares = 0;
  for (const double pixel : set.train.pixels) sum += pixel / 255, squares += pixel * pixel / 65025;
  const double mean = sum / double(set.train.pixels.size());
  const double std = std::sqrt(squares / double(set.train.pixels.size()) - mean * mean);
  CHECK(std::abs(mean - double(set.mean[0])) < 5e-5);
  CHECK(std::abs(std - double(set.std[0])) < 5e-5);
}

}  // namespace
