// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/analysis/results.h"

/// What the choice of test images adds to the spread of results. All runs of an experiment are
/// tested on the same images, so other seeds say nothing about other images.
namespace experiments {

inline constexpr const char* images_file = "images.csv";

/// Covariances of the means of groups of repeats (in the order of seed_groups) under sampling of
/// the test images, the runs held: between resamples of the images with replacement, in all runs
/// the same ones.
struct ImageSampling {
  using Matrix = std::vector<std::vector<double>>;  // NaN: not known

  std::vector<int> images;  // in the test set of each group; 0: not known
  std::map<std::string, Matrix, std::less<>> covariance;  // by metric's key, in the table's unit

  bool is_known() const;  // of any group
  /// That of the mean of group a less that of group b; 0 if it is not known.
  double variance_of_difference(std::string_view metric, std::size_t a, std::size_t b) const;
  /// The interval of that difference, over the images too; `scale` is its unit's of the table's.
  Interval widened(const Interval&, std::string_view metric, std::size_t a, std::size_t b,
                   double scale = 1) const;
};

/// From the logits that the runs have left in the directory's folders of their names; knows nothing
/// of a group of which a run has none. Throws Error if such a file is damaged.
ImageSampling sample_test_images(const std::filesystem::path& directory,
                                 std::span<const FinishedRun>, int resamples = 1000);

/// Sets what the runs know of their groups (FinishedRun::over_images).
void set_over_images(const ImageSampling&, std::span<FinishedRun>);

/// What means are intervals over then, in words; null: nothing is known.
std::string means_over(const ImageSampling*);

/// A table: quantity, images, group, other (rows of summary.csv from 1), covariance. Empty if
/// nothing is known.
std::string to_csv(const ImageSampling&);
/// From a file with such a table. Throws Error, naming it, if it is none of so many groups.
ImageSampling read_image_sampling(const std::filesystem::path& csv, std::size_t groups);

}  // namespace experiments
