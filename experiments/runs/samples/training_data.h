// SPDX-License-Identifier: MIT
#pragma once
#include <cmath>
#include <filesystem>
#include <string>

#include "data/batches.h"
#include "experiments/runs/config.h"

namespace experiments {

/// A data set on the device, shared by all runs that use it. The host keeps only the labels. Images
/// that would take more memory than they may stay in the file of decoded pictures (or on the host),
/// from which each batch is read; to the same bits.
class TrainingData {
 public:
  /// That of a run, from `dir`; `cache_dir` as in data::LoadOptions. The progress of decoding is
  /// shown. `most_bytes` is what images may take of the device's memory. Throws Error as
  /// data::load_dataset does, and for a data set of a single class.
  TrainingData(const RunConfig&, const std::filesystem::path& dir, data::Device,
               const std::filesystem::path& cache_dir = {}, double most_bytes = HUGE_VAL);
  /// The same by name, with defaults.
  TrainingData(const std::string& dataset, const std::filesystem::path& dir, data::Device,
               int image_size = 0, const std::filesystem::path& cache_dir = {});

  const data::Dataset& about() const { return about_; }  // its pixels are gone
  const data::DeviceImages& train() const { return train_; }
  const data::DeviceImages& test() const { return test_; }
  const std::string& fingerprint() const { return fingerprint_; }  // of all pixels and labels
  data::Device device() const { return train_.device(); }

  nn::ModelInput model_input() const;
  bool serves(const RunConfig&) const;  // whether a run has this data set, with these options

 private:
  data::LoadOptions options_;
  data::Dataset about_;
  std::string fingerprint_;
  data::DeviceImages train_, test_;
};

/// The indices in the training set that a run trains on and those it validates on: of the training
/// images a part, or the data set's own validation set. Says once which classes are too small for a
/// part of them to be held out. Throws Error if a limit or the batch size exceeds what there is, if
/// train_limit leaves out a class, and for a split asked for where there is one.
data::Split split_for(const RunConfig&, const data::Dataset&);

/// Throws UsageError if `asked`, what a user asked for, has an option for holding out samples that
/// says nothing to this data set, which comes with that part: also where it has its default value.
void refuse_unused_split(const Json& asked, const RunConfig&, const data::Dataset&);

}  // namespace experiments
