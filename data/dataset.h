// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/bytes.h"

namespace data {

/// Labelled images of one size as bytes, [count, height, width, channels].
struct Images {
  int count = 0, height = 0, width = 0, channels = 0;
  Bytes pixels = {};
  std::vector<std::int32_t> labels = {};  // [count], in [0, classes)
  std::vector<std::string> names = {};    // of their files, from the root; empty: there are none
};

/// A data set with what training on it needs to know.
struct Dataset {
  std::string name;
  Images train, test;
  int validation = 0;   // so many of the last of `train` are a validation set of the data set's own
  double held_out = 0;  // the fraction of what came for training that `test` is; 0: it came apart
  int classes = 0;
  std::vector<std::string> class_names;  // may be empty
  std::array<float, 4> mean{}, std{};    // of training pixels scaled to [0, 1], by channel
  int crop_padding = 0;                  // standard augmentation: zero-pad and crop ...
  bool flip = false;                     // ... and mirror half of the time
  // Where networks see squares of another size than the images': augmentation is by random resized
  // crops to view_size instead of padding, and without it the centre square is resized to that.
  int view_size = 0;  // 0: views are as large as the images
  int centre = 0;     // side of the centre square

  int view_height() const { return view_size > 0 ? view_size : train.height; }
  int view_width() const { return view_size > 0 ? view_size : train.width; }
};

/// Names that load_dataset takes, in the order of data/catalogue.cpp: fashion-mnist, cifar10 and
/// others.
std::vector<std::string> dataset_names();

/// Whether it is one of pictures, which options about these are for.
bool has_pictures(const std::string& name);

/// Where a data set is looked for when no directory is given: $SOFTLABEL_DATA, else
/// ~/softlabel-data; fashion-mnist first where the Debian package dataset-fashion-mnist puts it.
/// Empty for a data set that a program makes up. Throws Error for an unknown name, with the names
/// there are, and for image-folder, which has no place of its own.
std::filesystem::path default_data_dir(const std::string& name);

struct LoadOptions {
  /// Side of what networks see, for data sets of pictures; 0: 32 for tiny-imagenet (at most 64), 64
  /// for the others. Tiny-ImageNet's images are kept at their 64 x 64 and shown whole; of other
  /// pictures the centre square is kept at 8/7 of the side (256 for 224) and its centre is shown.
  int image_size = 0;
  bool exif_orientation = true;                       // pictures are turned as they say
  bool skip_bad = false;                              // go on without pictures that cannot be read
  double test_fraction = 0.2;                         // see list_image_folder in image_list.h
  std::filesystem::path cache_dir = {};               // see cache_file in image_cache.h
  std::function<void(const std::string&)> note = {};  // told in lines what was found and is done
  std::function<void(int done, int of)> progress = {};  // pictures; called in turn, by any thread
};

/// Reads a data set from `dir`, or from the directory in it that the official archive unpacks to
/// (cifar-10-batches-bin, cifar-100-binary, tiny-imagenet-200, CUB_200_2011; CUB_200_2010 by
/// data/fetch). An empty `dir` means default_data_dir(name). Data sets of pictures are decoded once
/// and then mapped from a cache; those that cannot be read are listed in a file, see
/// bad_pictures.h. Throws Error with one line that names the file, what is wrong with it and how to
/// get it: missing, truncated, too long, damaged, not of the format its name says, labels out of
/// range; and for an image size that the data set cannot have.
Dataset load_dataset(const std::string& name, std::filesystem::path dir = {},
                     const LoadOptions& = {});

/// Splits the indices of `labels` into training and validation, both in ascending order.
struct Split {
  std::vector<std::int32_t> train, validation;
};
enum class SplitKind : std::uint8_t { stratified, random };

/// `fraction`, in [0, 1), of the samples go to validation, chosen by `seed` alone: when stratified,
/// fraction * n of the n of each class, rounded up or down at random so that the total is right.
/// Each class keeps at least one sample in training; where that takes from what would have been
/// held out, the total is less. Throws Error for labels of fewer than two classes and for a split
/// that leaves validation empty (which it may be if fraction is 0).
Split split_train(const std::vector<std::int32_t>& labels, int classes, double fraction,
                  std::uint64_t seed, SplitKind = SplitKind::stratified);

/// `fraction`, in (0, 1), of each class, rounded, is held out as a test set, here `validation`: at
/// least one sample of a class that has two, and never all. The same for every run.
Split split_test(const std::vector<std::int32_t>& labels, int classes, double fraction);

/// `limit` indices of `from` (0: all), with the same number of each class up to rounding (the first
/// classes get what is left over; a class with too few gives all it has), in ascending order,
/// chosen by `seed` alone: the training set of a reduced experiment. Those of a smaller limit are
/// among those of a larger one. Throws Error if `limit` is more than there are or leaves fewer than
/// two classes.
std::vector<std::int32_t> subset(const std::vector<std::int32_t>& labels, int classes,
                                 const std::vector<std::int32_t>& from, int limit,
                                 std::uint64_t seed);

}  // namespace data
