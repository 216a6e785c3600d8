// SPDX-License-Identifier: MIT
#include "data/dataset.h"

#include <fmt/ranges.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include "data/pictures/bad_pictures.h"
#include "data/pictures/image_cache.h"
#include "data/sets/cifar.h"
#include "data/sets/idx.h"
#include "kernels/runtime/error.h"

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
  std::string directory;   // what the archive unpacks to; empty: none
  std::string how_to_get;  // {0}: the directory; {1}: what to do before
  struct {
    int usual, least, most;
  } size;                                                                // of what networks see
  Dataset (*read)(const fs::path& dir);                                  // images of one size, or
  ImageList (*list)(const fs::path& dir, const LoadOptions&) = nullptr;  // pictures, which are
  int stored_side = 0;  // squares of this side, or 0: of any size
};

std::string by_fetch(const std::string& name) {
  return "; to get it: {1}data/fetch " + name + " {0}";
}

std::string by_archive(const std::string& name, const std::string& archive) {
  return fmt::format(
      "{}, or download {} from https://www.cs.toronto.edu/~kriz/cifar.html, then mkdir -p {{0}} && "
      "tar -C {{0}} -xzf {}",
      by_fetch(name), archive, archive);
}

const std::string image_folder = "image-folder";

const std::vector<Source>& sources() {
  static const std::vector<Source> all{
      {"fashion-mnist",
       "fashion-mnist",
       "; to get it: apt-get install --reinstall dataset-fashion-mnist, or data/fetch "
       "fashion-mnist",
       {28, 28, 28},
       read_fashion_mnist},
      {"cifar10",
       "cifar-10-batches-bin",
       by_archive("cifar10", "cifar-10-binary.tar.gz"),
       {32, 32, 32},
       read_cifar10},
      {"cifar100",
       "cifar-100-binary",
       by_archive("cifar100", "cifar-100-binary.tar.gz"),
       {32, 32, 32},
       read_cifar100},
      {"tiny-imagenet",
       "tiny-imagenet-200",
       by_fetch("tiny-imagenet"),
       {32, 8, 64},
       nullptr,
       [](const fs::path& dir, const LoadOptions&) { return list_tiny_imagenet(dir); },
       64},
      {"cub200-2010",
       "CUB_200_2010",
       by_fetch("cub200-2010"),
       {64, 8, 1024},
       nullptr,
       [](const fs::path& dir, const LoadOptions&) { return list_cub200_2010(dir); }},
      {"cub200-2011",
       "CUB_200_2011",
       by_fetch("cub200-2011"),
       {64, 8, 1024},
       nullptr,
       [](const fs::path& dir, const LoadOptions&) { return list_cub200_2011(dir); }},
      {image_folder,
       "",
       "",
       {64, 8, 1024},
       nullptr,
       [](const fs::path& dir, const LoadOptions& options) {
         return list_image_folder(dir, options.test_fraction);
       }}};
  return all;
}

/// Squares that are stored as they are show all of it. Other pictures are treated as torchvision's
/// Resize of the shorter side to 8/7 of the view and CenterCrop do, 256 and 224.
Dataset load_pictures(const Source& source, const fs::path& dir, int size,
                      const LoadOptions& options) {
  ImageList all = source.list(dir, options);
  if (options.note)
    for (const std::string& remark : all.remarks) options.note(remark);
  const bool as_they_are = source.stored_side > 0;
  const int side = as_they_are ? source.stored_side : (8 * size + 6) / 7;
  const fs::path cache = cache_file(source.name, side, dir, options.cache_dir);
  CachedImages images = load_cached(std::move(all), {side, as_they_are, options.exif_orientation},
                                    cache, options.note, options.progress);
  const ImageList& list = images.list;
  settle_bad_pictures(list, options.skip_bad, bad_pictures_file(cache), options.note);
  return {.name = source.name,
          .train = std::move(images.train),
          .test = std::move(images.test),
          .validation = int(list.validation),
          .classes = int(list.class_names.size()),
          .class_names = list.class_names,
          .mean = {.485f, .456f, .406f},  // ImageNet's
          .std = {.229f, .224f, .225f},
          .flip = true,
          .view_size = size,
          .centre = as_they_are ? side : size};
}

const Source& find_source(const std::string& name) {
  for (const Source& source : sources())
    if (source.name == name) return source;
  fail("there is no data set '{}'; there are {}", name, fmt::join(dataset_names(), ", "));
}

}  // namespace

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const Source& source : sources()) names.push_back(source.name);
  return names;
}

bool has_pictures(const std::string& name) { return find_source(name).list != nullptr; }

fs::path default_data_dir(const std::string& name) {
  const Source& source = find_source(name);
  const fs::path package = "/usr/share/datasets/fashion-mnist";
  if (source.name == "fashion-mnist" && fs::is_directory(package)) return package;
  require(source.name != image_folder, "{}: say where it is with --data-dir", name);
  const char* data = std::getenv("SOFTLABEL_DATA");
  if (data != nullptr && *data != '\0') return data;
  const char* home = std::getenv("HOME");
  require(home != nullptr && *home != '\0',
          "{}: neither SOFTLABEL_DATA nor HOME is set; say where the data is", name);
  return fs::path(home) / "softlabel-data";
}

Dataset load_dataset(const std::string& name, fs::path dir, const LoadOptions& options) {
  const Source& source = find_source(name);
  const auto [usual, least, most] = source.size;
  const int size = options.image_size == 0 ? usual : options.image_size;
  require(size >= least && size <= most, "--image-size is {}, but {} {}", size, name,
          least == most ? fmt::format("has images of {} x {} pixels", most, most)
                        : fmt::format("takes {} to {}", least, most));
  if (dir.empty()) dir = default_data_dir(name);
  const fs::path unpacked = dir / source.directory;
  std::error_code unreadable;
  const bool is_unpacked = !source.directory.empty() && fs::is_directory(unpacked, unreadable);
  try {
    if (fs::is_regular_file(dir)) throw Misfit(dir.string() + " is a file, not a folder of them");
    require(fs::is_directory(dir), "there is no directory {}", dir.string());
    const fs::path& from = is_unpacked ? unpacked : dir;
    return source.list != nullptr ? load_pictures(source, from, size, options) : source.read(from);
  } catch (const Misfit& misfit) {
    fail("{}: {}", name, misfit.what());
  } catch (const Error& error) {
    if (typeid(error) != typeid(Error)) throw;  // progress() may throw what is more than an error
    // The readers know the fact, only this place knows the remedy, unless the files are there but
    // for others to read. data/fetch leaves a directory that is there as it is.
    const std::string fact = error.what();
    const bool denied = fact.find(std::strerror(EACCES)) != std::string::npos;
    const std::string before = is_unpacked ? "remove " + unpacked.string() + ", then " : "";
    fail("{}: {}{}", name, fact,
         denied ? "" : fmt::format(fmt::runtime(source.how_to_get), dir.string(), before));
  } catch (const fs::filesystem_error& error) {
    fail("{}: {} cannot be read: {}", name, error.path1().string(), error.code().message());
  }
}

}  // namespace data
