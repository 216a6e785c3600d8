// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace data {

/// The binary layout of CIFAR (Krizhevsky, 2009): records of one byte per label, then the red, the
/// green and the blue plane of a 32 x 32 image, row-major.
struct CifarFormat {
  std::string name;
  std::vector<int> label_classes;  // how many classes each label byte counts; the last is used
};

/// Reads `files`, each of exactly `images_per_file` records, one after the other; images become
/// channels-last. Throws Error with the file and the fact: unreadable, truncated, too long, the
/// other CIFAR's records, label out of range.
Images read_cifar(const CifarFormat&, const std::vector<std::filesystem::path>& files,
                  int images_per_file);

/// The names of the classes, one a line; none if there is no such file. Throws Error if there are
/// not `classes` of them.
std::vector<std::string> read_class_names(const std::filesystem::path&, int classes);

}  // namespace data
