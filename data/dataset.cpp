// SPDX-License-Identifier: MIT
#include "data/dataset.h"

#include <fmt/ranges.h>

#include <cstdlib>

#include "data/cifar.h"
#include "data/idx.h"
#include "kernels/error.h"

namespace data {
namespace {

namespace fs = std::filesystem;
using kernels::Error;
using kernels::fail;
using kernels::require;

Dataset read_fashion_mnist(const fs::path& dir) {
  const auto read = [&](const std::string& part) {
    const auto file = [&](const std::string& name) {
      return fs::exists(dir / name) ? dir / name : dir / (name + ".gz");
    };
    return read_idx(file(part + "-images-idx3-ubyte"), file(part + "-labels-idx1-ubyte"), 28, 10);
  };
  // Crop and flip as in "Random Erasing Data Augmentation" (Zhong et al., 2020), whose code pads by
  // 4 as for CIFAR: an article of clothing stays what it is when shifted by a seventh or mirrored.
  return {.name = "fashion-mnist",
          .train = read("train"),
          .test = read("t10k"),
          .classes = 10,
          .class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                          "Sneaker", "Bag", "Ankle boot"},
          .mean = {.2860f},
          .std = {.3530f},
          .crop_padding = 4,
          .flip = true};
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

struct Source {
  std::string name;
  Dataset (*read)(const fs::path& dir);
  std::string archive;    // official; empty: the Debian package
  std::string directory;  // what the archive unpacks to
};

const std::vector<Source>& sources() {
  static const std::vector<Source> all{
      {"fashion-mnist", read_fashion_mnist, "", "fashion-mnist"},
      {"cifar10", read_cifar10, "cifar-10-binary.tar.gz", "cifar-10-batches-bin"},
      {"cifar100", read_cifar100, "cifar-100-binary.tar.gz", "cifar-100-binary"}};
  return all;
}

const Source& find_source(const std::string& name) {
  for (const Source& source : sources())
    if (source.name == name) return source;
  fail("there is no data set '{}'; there are {}", name, fmt::join(dataset_names(), ", "));
}

std::string how_to_get(const Source& source, const std::string& dir) {
  if (source.archive.empty())
    return fmt::format(
        "to get it: apt-get install --reinstall dataset-fashion-mnist, or put the four files of "
        "https://github.com/zalandoresearch/fashion-mnist into {}",
        dir);
  return fmt::format(
      "to get it: download {0} from https://www.cs.toronto.edu/~kriz/cifar.html, then "
      "mkdir -p {1} && tar -C {1} -xzf {0}",
      source.archive, dir);
}

}  // namespace

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const Source& source : sources()) names.push_back(source.name);
  return names;
}

fs::path default_data_dir(const std::string& name) {
  if (find_source(name).archive.empty()) return "/usr/share/datasets/fashion-mnist";
  const char* data = std::getenv("SOFTLABEL_DATA");
  if (data != nullptr && *data != '\0') return data;
  const char* home = std::getenv("HOME");
  require(home != nullptr && *home != '\0',
          "{}: neither SOFTLABEL_DATA nor HOME is set; say where the data is", name);
  return fs::path(home) / "softlabel-data";
}

Dataset load_dataset(const std::string& name, fs::path dir) {
  const Source& source = find_source(name);
  if (dir.empty()) dir = default_data_dir(name);
  try {
    require(fs::is_directory(dir), "there is no directory {}", dir.string());
    const fs::path unpacked = dir / source.directory;
    return source.read(fs::is_directory(unpacked) ? unpacked : dir);
  } catch (const Error& error) {
    // The readers know the fact, only this place knows the remedy.
    fail("{}: {}; {}", name, error.what(), how_to_get(source, dir.string()));
  } catch (const fs::filesystem_error& error) {
    fail("{}: {} cannot be read: {}", name, dir.string(), error.code().message());
  }
}

}  // namespace data
