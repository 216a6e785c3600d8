// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <set>

#include "data/dataset.h"
#include "data/sets/cifar.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
namespace fs = std::filesystem;

const data::CifarFormat cifar10{"CIFAR-10", {10}}, cifar100{"CIFAR-100", {20, 100}};

// A pixel's value by record, channel, row and column.
std::uint8_t value(int record, int c, int y, int x) {
  return std::uint8_t(record * 101 + c * 59 + y * 7 + x * 3);
}

std::string records(int first, int count, const std::vector<std::string>& labels) {
  std::string bytes;
  for (int i = first; i < first + count; ++i) {
    bytes += labels[std::size_t(i) % labels.size()];
    for (int c = 0; c < 3; ++c)
      for (int y = 0; y < 32; ++y)
        for (int x = 0; x < 32; ++x) bytes += char(value(i, c, y, x));
  }
  return bytes;
}

void check_images(const data::Images& images, int count) {
  CHECK(images.count == count);
  CHECK(images.height == 32);
  CHECK(images.width == 32);
  CHECK(images.channels == 3);
  REQUIRE(images.pixels.size() == std::size_t(count) * 3072);
  REQUIRE(images.labels.size() == std::size_t(count));
  int wrong = 0;
  const std::uint8_t* pixel = images.pixels.begin();
  for (int i = 0; i < count; ++i)
    for (int y = 0; y < 32; ++y)
      for (int x = 0; x < 32; ++x)
        for (int c = 0; c < 3; ++c) wrong += *pixel++ != value(i, c, y, x);
  CHECK(wrong == 0);
}

const std::vector<std::string> labels10{"\3", {'\0'}, "\11", "\5"};
const std::vector<std::string> labels100{{'\23', '\143'}, {'\0', '\5'}, {'\7', '\0'}};

TEST_CASE("CIFAR-10 records become channels-last images, file after file") {
  test::TemporaryDirectory directory;
  const std::vector<fs::path> files{directory.write("a.bin", records(0, 4, labels10)),
                                    directory.write("b.bin", records(4, 4, labels10))};
  const data::Images images = data::read_cifar(cifar10, files, 4);
  check_images(images, 8);
  CHECK(images.labels == std::vector<std::int32_t>{3, 0, 9, 5, 3, 0, 9, 5});
}

TEST_CASE("CIFAR-100 records have a coarse label, then the fine one, which counts") {
  test::TemporaryDirectory directory;
  const data::Images images =
      data::read_cifar(cifar100, {directory.write("train.bin", records(0, 3, labels100))}, 3);
  check_images(images, 3);
  CHECK(images.labels == std::vector<std::int32_t>{99, 5, 0});
}

TEST_CASE("Damaged CIFAR files are refused with the file and the fact") {
  test::TemporaryDirectory directory;
  const auto error = [&](const data::CifarFormat& format, const std::string& bytes,
                         const std::string& fact) {
    CHECK_THROWS_WITH(
        data::read_cifar(format, {directory.write("some.bin", bytes)}, 4),
        Contains((directory.path() / "some.bin").string()) && Contains(fact) && !Contains("\n"));
  };
  const std::string good10 = records(0, 4, labels10), good100 = records(0, 4, labels100);
  error(cifar10, "", "truncated: it has 0 bytes, 4 images of CIFAR-10 take 12292");
  error(cifar10, good10.substr(0, 12291), "truncated: it has 12291 bytes");
  error(cifar10, records(0, 3, labels10), "truncated");
  error(cifar10, good10 + 'x', "too long: it has 12293 bytes");
  error(cifar10, records(0, 5, labels10), "too long");
  error(cifar100, records(0, 3, labels100), "truncated");
  error(cifar10, good100, "records of 3074 bytes, those of CIFAR-10 have 3073");
  error(cifar100, good10, "records of 3073 bytes, those of CIFAR-100 have 3074");
  error(cifar10, records(0, 4, {"\3", "\12"}), "label 10 of record 1 is not in [0, 10)");
  error(cifar100, records(0, 4, {{'\23', '\144'}}), "label 100 of record 0 is not in [0, 100)");
  error(cifar100, records(0, 4, {{'\24', '\0'}}), "label 20 of record 0 is not in [0, 20)");
  CHECK_THROWS_WITH(data::read_cifar(cifar10, {directory.path() / "none.bin"}, 4),
                    Contains("none.bin cannot be read: No such file or directory"));
  CHECK_THROWS_WITH(data::read_cifar(cifar10, {directory.path()}, 4),
                    Contains(directory.path().string() + " cannot be read: it is a directory"));
}

TEST_CASE("Class names are optional, but complete") {
  test::TemporaryDirectory directory;
  const fs::path edited = directory.write("edited.txt",
                                          "\xEF\xBB\xBF"
                                          "cat \t\r\nsea lion\n \n");
  CHECK(data::read_class_names(edited, 2) == std::vector<std::string>{"cat", "sea lion"});
  const fs::path pipe = directory.path() / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(data::read_class_names(pipe, 2),
                    Contains("pipe cannot be read: it is a pipe, not a regular file"));
  CHECK(data::read_class_names(directory.path() / "none.txt", 2).empty());
  const fs::path file = directory.write("names.txt", "cat\r\ndog\r\n\r\n");
  CHECK(data::read_class_names(file, 2) == std::vector<std::string>{"cat", "dog"});
  CHECK_THROWS_WITH(data::read_class_names(file, 3),
                    Contains("names.txt has 2 names for 3 classes"));
  const fs::path wide = directory.write("wide.txt", std::string("\xFF\xFE"
                                                                "a\0\n\0b\0",
                                                                8));
  CHECK_THROWS_WITH(data::read_class_names(wide, 2), Contains("wide.txt is UTF-16"));
}

// A file of the full official size that takes no space on the disk: black images of class 0.
void write_zeros(const fs::path& file, std::uintmax_t bytes) {
  std::ofstream{file}.flush();
  fs::resize_file(file, bytes);
}

TEST_CASE("CIFAR-10 loads from the official files, all of them and of their size") {
  test::TemporaryDirectory directory;
  const fs::path unpacked = directory.path() / "cifar-10-batches-bin";
  const fs::path test_file = directory.write("cifar-10-batches-bin/test_batch.bin", "");
  CHECK_THROWS_WITH(data::load_dataset("cifar10", directory.path() / "none"),
                    Contains("to get it: data/fetch cifar10 "));
  const std::string how =
      "to get it: remove " + unpacked.string() + ", then data/fetch cifar10 " +
      directory.path().string() +
      ", or download "
      "cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html, "
      "then mkdir -p " +
      directory.path().string();
  CHECK_THROWS_WITH(
      data::load_dataset("cifar10", directory.path()),
      Contains((unpacked / "data_batch_1.bin").string() + " cannot be read: No such") &&
          Contains(how));
  for (int i = 1; i <= 5; ++i)
    write_zeros(unpacked / ("data_batch_" + std::to_string(i) + ".bin"), 30'730'000);
  {
    std::fstream file(unpacked / "data_batch_5.bin",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(9'999 * 3'073);
    file << '\7' << '\377';
  }
  CHECK_THROWS_WITH(
      data::load_dataset("cifar10", directory.path()),
      Contains(test_file.string() + " is truncated: it has 0 bytes") && Contains(how));
  write_zeros(test_file, 30'730'000);

  const data::Dataset set =
      data::load_dataset("cifar10", GENERATE(false, true) ? unpacked : directory.path());
  CHECK(set.train.count == 50'000);
  CHECK(set.test.count == 10'000);
  CHECK(set.classes == 10);
  CHECK(set.class_names.empty());
  CHECK(set.train.labels.front() == 0);
  CHECK(set.train.labels.back() == 7);
  CHECK(set.train.pixels[std::size_t{49'999} * 3'072] == 255);
  CHECK(set.train.pixels[std::size_t{49'999} * 3'072 + 1] == 0);
}

TEST_CASE("The real CIFAR-100 is whole and is normalised by its own statistics") {
  const fs::path directory = data::default_data_dir("cifar100");
  if (!fs::exists(directory / "train.bin") && !fs::exists(directory / "cifar-100-binary")) {
    WARN("skipped: there is no CIFAR-100 in " << directory);
    return;
  }
  const data::Dataset set = data::load_dataset("cifar100");
  std::array<int, 100> train{}, test{};
  for (const int label : set.train.labels) ++train[std::size_t(label)];
  for (const int label : set.test.labels) ++test[std::size_t(label)];
  CHECK(train == [] {
    std::array<int, 100> all;
    all.fill(500);
    return all;
  }());
  CHECK(test == [] {
    std::array<int, 100> all;
    all.fill(100);
    return all;
  }());
  CHECK(set.class_names.size() == 100);

  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t i = c; i < set.train.pixels.size(); i += 3) {
      const double pixel = set.train.pixels[i];
      sum += pixel / 255, squares += pixel * pixel / 65025;
    }
    const double count = double(set.train.pixels.size()) / 3, mean = sum / count;
    CHECK(std::abs(mean - double(set.mean[c])) < 2e-4);
    // The customary constants are a little larger than the standard deviation over all pixels.
    CHECK(std::abs(std::sqrt(squares / count - mean * mean) - double(set.std[c])) < 2e-3);
  }
}

TEST_CASE("An unknown data set is refused with the names there are") {
  CHECK(data::dataset_names() == std::vector<std::string>{"fashion-mnist", "cifar10", "cifar100",
                                                          "tiny-imagenet", "cub200-2010",
                                                          "cub200-2011", "image-folder"});
  const auto message = Contains("'mnist'; there are fashion-mnist, cifar10, cifar100, tiny-");
  CHECK_THROWS_WITH(data::load_dataset("mnist"), message);
  CHECK_THROWS_WITH(data::default_data_dir("mnist"), message);
}

// Sets an environment variable in a scope; null removes it.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before, was_set_ = true;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Environment() { was_set_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::string before_;
  bool was_set_ = false;
};

TEST_CASE("CIFAR is looked for in SOFTLABEL_DATA, else in the home directory") {
  Environment home("HOME", "/home/somebody"), none("SOFTLABEL_DATA", nullptr);
  CHECK(data::default_data_dir("cifar10") == "/home/somebody/softlabel-data");
  CHECK(data::default_data_dir("fashion-mnist") == "/usr/share/datasets/fashion-mnist");
  {
    Environment set("SOFTLABEL_DATA", "/data");
    CHECK(data::default_data_dir("cifar100") == "/data");
  }
  Environment homeless("HOME", nullptr);
  CHECK_THROWS_WITH(data::default_data_dir("cifar100"),
                    Contains("neither SOFTLABEL_DATA nor HOME"));
}

}  // namespace
