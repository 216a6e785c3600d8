// SPDX-License-Identifier: MIT
#include "experiments/runs/samples/training_data.h"

#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "data/sets/image_list.h"
#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "engine/system/fingerprint.h"
#include "kernels/runtime/error.h"

namespace experiments {

using kernels::require;

namespace {

data::LoadOptions options_of(const RunConfig& config) {
  return {.image_size = config.image_size,
          .exif_orientation = config.exif_orientation,
          .skip_bad = config.skip_bad,
          .test_fraction = config.test_fraction};
}

data::Dataset load(const std::string& name, const std::filesystem::path& dir,
                   data::LoadOptions options, const std::filesystem::path& cache_dir) {
  std::optional<Progress> progress;
  options.cache_dir = cache_dir;
  options.note = note;
  options.progress = [&](int, int of) {
    if (stop_requested()) throw Interrupted("stopped; the same command decodes all pictures again");
    if (!progress) progress.emplace(name, of, "pictures");
    progress->advance(1);
  };
  data::Dataset dataset = data::load_dataset(name, dir, options);
  require(dataset.classes >= 2, "data set {} has a single class: there is nothing to learn", name);
  return dataset;
}

double bytes_of(const data::Dataset& dataset) {
  return double(dataset.train.pixels.size()) + double(dataset.test.pixels.size());
}

/// Says so where images do not go to the device.
data::DeviceImages::Keep place_for(const data::Dataset& dataset, double most_bytes) {
  const double bytes = bytes_of(dataset);
  if (bytes <= most_bytes) return data::DeviceImages::Keep::on_device;
  const data::MappedFile* file = dataset.train.pixels.file();
  note(fmt::format("{}: images take {:.1f} MB, and may take {:.1f}: batches are read from {}",
                   dataset.name, bytes / 1e6, most_bytes / 1e6,
                   file != nullptr ? file->path().string() : "the host's memory"));
  return data::DeviceImages::Keep::where_they_are;
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

TrainingData::TrainingData(const RunConfig& config, const std::filesystem::path& dir,
                           data::Device device, const std::filesystem::path& cache_dir,
                           double most_bytes)
    : options_(options_of(config)),
      about_(load(config.dataset, dir, options_, cache_dir)),
      fingerprint_(fingerprint_of(about_)),
      train_(about_.train, about_, device, kernels::activation_type(config.precision),
             place_for(about_, most_bytes)),
      test_(about_.test, about_, device, kernels::activation_type(config.precision),
            train_.on_device() ? data::DeviceImages::Keep::on_device
                               : data::DeviceImages::Keep::where_they_are) {
  about_.train.pixels = {};
  about_.test.pixels = {};
}

TrainingData::TrainingData(const std::string& dataset, const std::filesystem::path& dir,
                           data::Device device, int image_size,
                           const std::filesystem::path& cache_dir)
    : TrainingData(make_config({{"dataset", dataset}, {"image_size", image_size}}), dir, device,
                   cache_dir) {}

nn::ModelInput TrainingData::model_input() const {
  return {about_.view_height(), about_.view_width(), about_.train.channels, about_.classes,
          train_.type()};
}

bool TrainingData::serves(const RunConfig& config) const {
  const data::LoadOptions options = options_of(config);
  return about_.name == config.dataset &&
         train_.type() == kernels::activation_type(config.precision) &&
         options_.image_size == options.image_size &&
         options_.exif_orientation == options.exif_orientation &&
         options_.skip_bad == options.skip_bad && options_.test_fraction == options.test_fraction;
}

namespace {

/// The classes of some samples.
std::set<std::int32_t> classes_of(const data::Dataset& about,
                                  const std::vector<std::int32_t>& samples) {
  std::set<std::int32_t> classes;
  for (const std::int32_t sample : samples) classes.insert(about.train.labels[std::size_t(sample)]);
  return classes;
}

/// Says of which classes nothing is held out, and how large they are, where `fraction` of them is
/// less than half an image. Of larger ones chance may leave nothing, too.
void note_small_classes(const data::Dataset& about, const data::Split& split, double fraction) {
  const std::set<std::int32_t> held_out = classes_of(about, split.validation);
  std::map<std::int32_t, int> sizes;
  for (const std::int32_t sample : split.train) {
    const std::int32_t label = about.train.labels[std::size_t(sample)];
    if (!held_out.contains(label)) ++sizes[label];
  }
  std::erase_if(sizes, [&](const auto& of_class) { return fraction * of_class.second >= 0.5; });
  if (sizes.empty()) return;
  std::vector<std::string> names;
  for (const auto& [label, size] : sizes) {
    const bool named = std::size_t(label) < about.class_names.size();
    names.push_back(fmt::format(
        "{} ({})", named ? about.class_names[std::size_t(label)] : std::to_string(label), size));
  }
  const std::string line =
      fmt::format("validation has nothing of {}: {}",
                  names.size() == 1 ? "a class that is too small"
                                    : fmt::format("{} classes that are too small", names.size()),
                  data::first_few(names));
  static std::set<std::string> said;  // for many runs once
  if (said.insert(line).second) note(line);
}

/// The data set's own.
data::Split given_split(const RunConfig& config, const data::Dataset& about) {
  const RunConfig defaults;
  const bool asks =
      config.val_fraction != defaults.val_fraction || config.split_kind != defaults.split_kind;
  require(!asks, "`{}` is for holding out images, but {} comes with a validation set: leave it out",
          config.val_fraction != defaults.val_fraction ? "val_fraction" : "split_kind", about.name);
  data::Split split;
  for (int i = 0; i < about.train.count; ++i)
    (i < about.train.count - about.validation ? split.train : split.validation).push_back(i);
  return split;
}

}  // namespace

data::Split split_for(const RunConfig& config, const data::Dataset& about) {
  const std::vector<std::int32_t>& labels = about.train.labels;
  data::Split split = about.validation > 0
                          ? given_split(config, about)
                          : data::split_train(labels, about.classes, config.val_fraction,
                                              config.split_seed, config.split_kind);
  if (about.validation == 0 && !split.validation.empty())
    note_small_classes(about, split, config.val_fraction);
  const auto limit = [&](std::vector<std::int32_t>& part, int size, const char* option) {
    require(size <= int(part.size()), "{} is {}, but there are only {} such images in {}", option,
            size, part.size(), about.name);
    if (size > 0) part = data::subset(labels, about.classes, part, size, config.split_seed);
  };
  const std::size_t classes = classes_of(about, split.train).size();
  require(config.train_limit <= 0 || std::size_t(config.train_limit) >= classes,
          "`train_limit` is {}, but there are {} classes in {}: give at least an image of each",
          config.train_limit, classes, about.name);
  limit(split.train, config.train_limit, "`train_limit`");
  limit(split.validation, config.val_limit, "`val_limit`");
  require(config.batch_size <= int(split.train.size()),
          "`batch_size` is {}, but there are only {} training images", config.batch_size,
          split.train.size());
  return split;
}

void refuse_unused_split(const Json& asked, const RunConfig& config, const data::Dataset& about) {
  const bool chooses =
      config.train_limit > 0 || config.val_limit > 0 || config.teacher_labels != TeacherLabels::own;
  const std::tuple<const char*, bool, const char*> options[] = {
      {"test_fraction", about.held_out > 0, "test"},
      {"val_fraction", about.validation == 0, "validation"},
      {"split_kind", about.validation == 0, "validation"},
      {"split_seed", about.validation == 0 || chooses, "validation"}};
  for (const auto& [key, used, part] : options)
    if (!used && asked.contains(key))
      throw UsageError(
          fmt::format("`{}` is for holding out images, but {} comes with a {} set: leave it out",
                      key, about.name, part));
}

}  // namespace experiments
