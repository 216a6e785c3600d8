// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "data/sets/source.h"
#include "kernels/runtime/error.h"

namespace data {

Source fashion_mnist();
Source cifar10();
Source cifar100();
Source tiny_imagenet();
Source cub200_2010();
Source cub200_2011();
Source image_folder();

namespace {

std::vector<Source>& all_sources() {
  static std::vector<Source> all{fashion_mnist(), cifar10(),     cifar100(),    tiny_imagenet(),
                                 cub200_2010(),   cub200_2011(), image_folder()};
  return all;
}

}  // namespace

const std::vector<Source>& catalogue() { return all_sources(); }

void register_data_set(Source source) {
  const std::vector<std::string> names = dataset_names();
  kernels::require(std::find(names.begin(), names.end(), source.name) == names.end(),
                   "there is a data set {} already", source.name);
  kernels::require((source.read == nullptr) != (source.list == nullptr),
                   "data set {} should have one of `read` and `list`", source.name);
  all_sources().push_back(std::move(source));
}

std::string by_fetch(const std::string& name) {
  return "; to get it: {1}data/fetch " + name + " {0}";
}

}  // namespace data
