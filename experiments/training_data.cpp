// SPDX-License-Identifier: MIT
#include "experiments/training_data.h"

#include <optional>

#include "experiments/fingerprint.h"
#include "experiments/progress.h"
#include "experiments/stop_signal.h"
#include "kernels/error.h"

namespace experiments {

using kernels::require;

namespace {

data::Dataset load(const std::string& name, const std::filesystem::path& dir, int image_size,
                   const std::filesystem::path& cache_dir) {
  std::optional<Progress> progress;
  const auto decoded = [&](int, int of) {
    if (stop_requested()) throw Interrupted("stopped; the same command decodes all pictures again");
    if (!progress) progress.emplace(name, of, "pictures");
    progress->advance(1);
  };
  data::Dataset dataset = data::load_dataset(
      name, dir,
      {.image_size = image_size, .cache_dir = cache_dir, .note = note, .progress = decoded});
  require(dataset.classes >= 2, "data set {} has a single class: there is nothing to learn", name);
  return dataset;
}

std::string fingerprint_of(const data::Dataset& dataset) {
  std::string print;
  for (const data::Images* part : {&dataset.train, &dataset.test}) {
    print = fingerprint(std::as_bytes(part->pixels.span()), print);
    print = fingerprint(std::as_bytes(std::span(part->labels)), print);
  }
  return print;
}

}  // namespace

TrainingData::TrainingData(const std::string& dataset, const std::filesystem::path& dir,
                           data::Device device, int image_size,
                           const std::filesystem::path& cache_dir)
    : image_size_(image_size),
      about_(load(dataset, dir, image_size, cache_dir)),
      fingerprint_(fingerprint_of(about_)),
      train_(about_.train, about_, device),
      test_(about_.test, about_, device) {
  about_.train.pixels = {};
  about_.test.pixels = {};
}

nn::ModelInput TrainingData::model_input() const {
  return {about_.view_height(), about_.view_width(), about_.train.channels, about_.classes};
}

bool TrainingData::serves(const RunConfig& config) const {
  return about_.name == config.dataset && image_size_ == config.image_size;
}

data::Split split_for(const RunConfig& config, const data::Dataset& about) {
  const std::vector<std::int32_t>& labels = about.train.labels;
  data::Split split = data::split_train(labels, about.classes, config.val_fraction,
                                        config.split_seed, config.split_kind);
  const auto limit = [&](std::vector<std::int32_t>& part, int size, const char* option) {
    require(size <= int(part.size()), "{} is {}, but there are only {} such images in {}", option,
            size, part.size(), about.name);
    if (size > 0) part = data::subset(labels, about.classes, part, size, config.split_seed);
  };
  limit(split.train, config.train_limit, "--train-limit");
  limit(split.validation, config.val_limit, "--val-limit");
  require(config.batch_size <= int(split.train.size()),
          "--batch-size is {}, but there are only {} training images", config.batch_size,
          split.train.size());
  return split;
}

}  // namespace experiments
