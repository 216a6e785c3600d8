// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace data {

/// Labelled images of one size as bytes, [count, height, width, channels].
struct Images {
  int count = 0, height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;  // [count], in [0, classes)
};

/// A data set with what training on it needs to know.
struct Dataset {
  std::string name;
  Images train, test;
  int classes = 0;
  std::vector<std::string> class_names;  // may be empty
  std::array<float, 4> mean{}, std{};    // of training pixels scaled to [0, 1], by channel
  int crop_padding = 0;                  // standard augmentation: zero-pad and crop ...
  bool flip = false;                     // ... and mirror half of the time
};

/// Names that load_dataset takes: fashion-mnist, cifar10, cifar100.
std::vector<std::string> dataset_names();

/// Where a data set is looked for when no directory is given: for fashion-mnist the Debian package
/// dataset-fashion-mnist; for the others $SOFTLABEL_DATA, else ~/softlabel-data. Throws Error for
/// an unknown name, with the names there are.
std::filesystem::path default_data_dir(const std::string& name);

/// Reads a data set from `dir`, or from the directory in it that the official archive unpacks to
/// (cifar-10-batches-bin, cifar-100-binary). An empty `dir` means default_data_dir(name). Throws
/// Error with one line that names the file, what is wrong with it and how to get it: missing,
/// truncated, too long, damaged, not of the format its name says, labels out of range.
Dataset load_dataset(const std::string& name, std::filesystem::path dir = {});

/// Splits the places of `labels` into training and validation, both in ascending order.
struct Split {
  std::vector<std::int32_t> train, validation;
};
enum class SplitKind : std::uint8_t { stratified, random };

/// `fraction`, in [0, 1), of the samples go to validation, chosen by `seed` alone: round(fraction *
/// n) of the n of each class when stratified, else of all. Throws Error for labels of fewer than
/// two classes and for a split that leaves one side empty (validation may be, if fraction is 0).
Split split_train(const std::vector<std::int32_t>& labels, int classes, double fraction,
                  std::uint64_t seed, SplitKind = SplitKind::stratified);

/// `limit` places of `from` (0: all), with the same number of each class up to rounding (the first
/// classes get what is left over; a class with too few gives all it has), in ascending order,
/// chosen by `seed` alone: the training set of a reduced experiment. Those of a smaller limit are
/// among those of a larger one. Throws Error if `limit` is more than there are or leaves fewer than
/// two classes.
std::vector<std::int32_t> subset(const std::vector<std::int32_t>& labels, int classes,
                                 const std::vector<std::int32_t>& from, int limit,
                                 std::uint64_t seed);

}  // namespace data
