// SPDX-License-Identifier: MIT
#include "data/sets/idx.h"
#include "data/sets/source.h"

namespace data {

namespace fs = std::filesystem;

static Dataset read_fashion_mnist(const fs::path& dir) {
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

Source fashion_mnist() {
  return {.name = "fashion-mnist",
          .directory = "fashion-mnist",
          .how_to_get =
              "; to get it: apt-get install --reinstall dataset-fashion-mnist, or "
              "data/fetch fashion-mnist",
          .size = {28, 28, 28},
          .read = read_fashion_mnist,
          .package = "/usr/share/datasets/fashion-mnist"};
}

}  // namespace data
