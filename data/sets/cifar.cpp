// SPDX-License-Identifier: MIT
#include "data/sets/cifar.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "data/sets/source.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::require;

constexpr int side = 32, channels = 3, plane = side * side, image_bytes = channels * plane;

std::ifstream open(const fs::path& path) {
  // Opening a pipe would wait for its other end.
  require(!fs::is_other(path), "{} is not a regular file", path.string());
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  require(file.good(), "{} cannot be read: {}", path.string(), std::strerror(errno));
  return file;
}

void check_size(const CifarFormat& format, const fs::path& path, int images) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  require(!error, "{} cannot be read: {}", path.string(), error.message());
  const std::uintmax_t labels = format.label_classes.size(), record = labels + image_bytes;
  const std::uintmax_t other = 3 - labels + image_bytes, want = record * std::uintmax_t(images);
  if (size == want) return;
  require(size == 0 || size % other != 0 || size % record == 0,
          "{} has records of {} bytes, those of {} have {}: it belongs to another data set",
          path.string(), other, format.name, record);
  kernels::fail("{} is {}: it has {} bytes, {} images of {} take {}", path.string(),
                size < want ? "truncated" : "too long", size, images, format.name, want);
}

}  // namespace

Images read_cifar(const CifarFormat& format, const std::vector<fs::path>& files,
                  int images_per_file) {
  for (const fs::path& path : files) check_size(format, path, images_per_file);

  const std::size_t count = files.size() * std::size_t(images_per_file);
  Images images{.count = int(count),
                .height = side,
                .width = side,
                .channels = channels,
                .pixels = {},
                .labels = {}};
  images.labels.reserve(count);
  const std::size_t labels = format.label_classes.size();
  std::vector<std::uint8_t> record(labels + image_bytes);
  std::vector<std::uint8_t> pixels(count * image_bytes);
  std::uint8_t* pixel = pixels.data();
  for (const fs::path& path : files) {
    std::ifstream file = open(path);
    for (int i = 0; i < images_per_file; ++i) {
      file.read(reinterpret_cast<char*>(record.data()), std::streamsize(record.size()));
      require(file.good(), "{} cannot be read: {}", path.string(), std::strerror(errno));
      for (std::size_t j = 0; j < labels; ++j)
        require(record[j] < format.label_classes[j], "{}: label {} of record {} is not in [0, {})",
                path.string(), record[j], i, format.label_classes[j]);
      images.labels.push_back(record[labels - 1]);
      const std::uint8_t* planes = record.data() + labels;
      for (int at = 0; at < plane; ++at)
        for (int c = 0; c < channels; ++c) *pixel++ = planes[c * plane + at];
    }
  }
  images.pixels = std::move(pixels);
  return images;
}

std::vector<std::string> read_class_names(const fs::path& path, int classes) {
  if (!fs::exists(path)) return {};
  std::ifstream file = open(path);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (names.empty() && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    line.erase(line.find_last_not_of(" \t\r") + 1);  // networks are matched by these names
    if (!line.empty()) names.push_back(line);
  }
  require(names.size() == std::size_t(classes), "{} has {} names for {} classes", path.string(),
          names.size(), classes);
  return names;
}

namespace {

std::string by_archive(const std::string& name, const std::string& archive) {
  return fmt::format(
      "{}, or download {} from https://www.cs.toronto.edu/~kriz/cifar.html, then mkdir -p {{0}} && "
      "tar -C {{0}} -xzf {}",
      by_fetch(name), archive, archive);
}

Dataset read_cifar10(const fs::path& dir) {
  const CifarFormat format{"CIFAR-10", {10}};
  std::vector<fs::path> train;
  for (int i = 1; i <= 5; ++i) train.push_back(dir / fmt::format("data_batch_{}.bin", i));
  return {.name = "cifar10",
          .train = read_cifar(format, train, 10'000),
          .test = read_cifar(format, {dir / "test_batch.bin"}, 10'000),
          .classes = 10,
          .class_names = read_class_names(dir / "batches.meta.txt", 10),
          .mean = {.4914f, .4822f, .4465f},
          .std = {.2023f, .1994f, .2010f},
          .crop_padding = 4,
          .flip = true};
}

Dataset read_cifar100(const fs::path& dir) {
  const CifarFormat format{"CIFAR-100", {20, 100}};
  return {.name = "cifar100",
          .train = read_cifar(format, {dir / "train.bin"}, 50'000),
          .test = read_cifar(format, {dir / "test.bin"}, 10'000),
          .classes = 100,
          .class_names = read_class_names(dir / "fine_label_names.txt", 100),
          .mean = {.5071f, .4867f, .4408f},
          .std = {.2675f, .2565f, .2761f},
          .crop_padding = 4,
          .flip = true};
}

}  // namespace

Source cifar10() {
  return {.name = "cifar10",
          .directory = "cifar-10-batches-bin",
          .how_to_get = by_archive("cifar10", "cifar-10-binary.tar.gz"),
          .size = {32, 32, 32},
          .read = read_cifar10};
}

Source cifar100() {
  return {.name = "cifar100",
          .directory = "cifar-100-binary",
          .how_to_get = by_archive("cifar100", "cifar-100-binary.tar.gz"),
          .size = {32, 32, 32},
          .read = read_cifar100};
}

}  // namespace data
