// SPDX-License-Identifier: MIT
#include "data/sets/cifar.h"

#include <fmt/format.h>

#include <utility>

#include "data/sets/source.h"
#include "engine/system/regular_file.h"
#include "kernels/runtime/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::Error;
using kernels::fail;
using kernels::require;

constexpr int side = 32, channels = 3, plane = side * side, image_bytes = channels * plane;

/// An open file, whose errors name it.
class File {
 public:
  explicit File(const fs::path& path) try : path_(path.string()), file_(path) {
  } catch (const Error& e) {
    refuse(path, e);
  }

  std::uint64_t size() const { return file_.size(); }

  void read(std::vector<std::uint8_t>& all) try {
    require(file_.read(all.data(), all.size()) == all.size(), "it became shorter meanwhile");
  } catch (const Error& e) {
    refuse(path_, e);
  }

 private:
  [[noreturn]] static void refuse(const fs::path& path, const Error& e) {
    fail("{} cannot be read: {}", path.string(), e.what());
  }

  fs::path path_;
  nn::RegularFile file_;
};

void check_size(const CifarFormat& format, const fs::path& path, int images) {
  const std::uint64_t size = File(path).size();
  const std::uint64_t labels = format.label_classes.size(), record = labels + image_bytes;
  const std::uint64_t other = 3 - labels + image_bytes, want = record * std::uint64_t(images);
  if (size == want) return;
  require(size == 0 || size % other != 0 || size % record == 0,
          "{} has records of {} bytes, those of {} have {}: it belongs to another data set",
          path.string(), other, format.name, record);
  fail("{} is {}: it has {} bytes, {} images of {} take {}", path.string(),
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
    File file(path);
    for (int i = 0; i < images_per_file; ++i) {
      file.read(record);
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
  std::vector<std::string> names;
  for (Line& line : read_lines(path)) names.push_back(std::move(line.text));
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
