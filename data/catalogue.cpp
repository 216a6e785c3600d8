// SPDX-License-Identifier: MIT
#include "data/sets/source.h"

namespace data {

Source fashion_mnist();
Source cifar10();
Source cifar100();
Source tiny_imagenet();
Source cub200_2010();
Source cub200_2011();
Source image_folder();

const std::vector<Source>& catalogue() {
  static const std::vector<Source> all{fashion_mnist(), cifar10(),     cifar100(),
                                       tiny_imagenet(), cub200_2010(), cub200_2011(),
                                       image_folder()};
  return all;
}

std::string by_fetch(const std::string& name) {
  return "; to get it: {1}data/fetch " + name + " {0}";
}

}  // namespace data
