// SPDX-License-Identifier: MIT
#include "experiments/runs/samples/training_data.h"

#include "experiments/training/training.h"
#include "kernels/runtime/error.h"
#include "test/support/data_pictures.h"
#include "test/support/temporary_directory.h"

namespace {

using Catch::Matchers::Contains;
using experiments::TrainingData;

/// Bright and dark pictures; the folder that holds them and the one for their cache.
struct Folder {
  Folder() {
    for (int i = 0; i < 40; ++i) write(i, i % 2 == 0 ? 60 : 190);
  }
  void write(int i, int level) const {
    const std::string name = (i % 2 == 0 ? "dark/" : "bright/") + std::to_string(i) + ".jpg";
    directory.write((i < 30 ? "train/" : "test/") + name,
                    test::plain_jpeg(20, std::uint8_t(level + i)));
  }
  TrainingData load(int image_size) const {
    return {"image-folder", directory.path(), data::Device::cpu, image_size, caches.path()};
  }
  test::TemporaryDirectory directory, caches;
};

TEST_CASE(
    "Training data is the same decoded and mapped, and its fingerprint tells pictures apart") {
  const Folder folder;
  const std::string decoded = folder.load(16).fingerprint();
  CHECK(folder.load(16).fingerprint() == decoded);
  CHECK(folder.load(24).fingerprint() != decoded);
  folder.write(3, 100);
  CHECK(folder.load(16).fingerprint() != decoded);
}

TEST_CASE("Networks see pictures of the image size, whatever is stored") {
  const Folder folder;
  const TrainingData data = folder.load(16);
  CHECK(data.about().train.height == 19);
  CHECK(data.model_input().height == 16);
  CHECK(data.model_input().width == 16);
  CHECK(data.model_input().channels == 3);
  CHECK(data.model_input().classes == 2);
  const auto config = [](const char* dataset, int size) {
    return experiments::make_config({{"dataset", dataset}, {"image_size", size}});
  };
  CHECK(data.serves(config("image-folder", 16)));
  CHECK_FALSE(data.serves(config("image-folder", 0)));
  CHECK_FALSE(data.serves(config("cub200-2011", 16)));
}

TEST_CASE("Training data is as the run's config says") {
  const Folder folder;
  folder.directory.write("train/dark/bad.jpg", "no picture");
  const auto config = [](experiments::Json more) {
    more["dataset"] = "image-folder";
    more["image_size"] = 16;
    return experiments::make_config(more);
  };
  const auto load = [&](const experiments::RunConfig& c) {
    return TrainingData(c, folder.directory.path(), data::Device::cpu, folder.caches.path());
  };
  CHECK_THROWS_WITH(load(config(experiments::Json::object())),
                    Contains("1 of 41 pictures cannot be read"));
  const TrainingData data = load(config({{"skip_bad", true}}));
  CHECK(data.about().train.count == 30);
  CHECK(data.serves(config({{"skip_bad", true}})));
  CHECK_FALSE(data.serves(config(experiments::Json::object())));
  CHECK_FALSE(data.serves(config({{"skip_bad", true}, {"exif_orientation", false}})));
  CHECK_FALSE(data.serves(config({{"skip_bad", true}, {"test_fraction", 0.5}})));
}

TEST_CASE("A data set's own validation set is what is held out") {
  const Folder folder;
  folder.directory.write("val/dark/x.jpg", test::plain_jpeg(20, 61));
  folder.directory.write("val/bright/y.jpg", test::plain_jpeg(20, 191));
  const TrainingData data = folder.load(16);
  experiments::RunConfig config = experiments::make_config({{"dataset", "image-folder"}});
  config.batch_size = 9;
  const data::Split split = experiments::split_for(config, data.about());
  CHECK(split.validation == std::vector<std::int32_t>{30, 31});
  CHECK(split.train.size() == 30);
  CHECK(split.train.back() == 29);
  config.val_fraction = 0.2;
  CHECK_THROWS_WITH(experiments::split_for(config, data.about()),
                    Contains("`val_fraction` is for holding out images, but image-folder comes "
                             "with a validation set: leave it out"));
  config = experiments::make_config({{"dataset", "image-folder"}, {"split_kind", "random"}});
  CHECK_THROWS_WITH(experiments::split_for(config, data.about()), Contains("`split_kind` is for"));
}

TEST_CASE("Options for holding out samples are refused where none are, also with their defaults") {
  const auto refuse = [](const experiments::Json& asked, const data::Dataset& about) {
    experiments::Json settings = {{"dataset", "image-folder"}};
    settings.update(asked);
    experiments::refuse_unused_split(asked, experiments::make_config(settings), about);
  };
  const auto refused = [&](const experiments::Json& asked, const data::Dataset& about,
                           const std::string& why) {
    INFO(asked);
    CHECK_THROWS_AS(refuse(asked, about), experiments::UsageError);
    CHECK_THROWS_WITH(refuse(asked, about), Contains(why));
  };
  const Folder folder;
  const data::Dataset no_validation = folder.load(16).about();
  CHECK_NOTHROW(refuse({{"split_seed", 3}, {"val_fraction", 0.1}, {"split_kind", "stratified"}},
                       no_validation));
  folder.directory.write("val/dark/x.jpg", test::plain_jpeg(20, 61));
  folder.directory.write("val/bright/y.jpg", test::plain_jpeg(20, 191));
  const data::Dataset has_parts = folder.load(16).about();
  const std::string has_validation =
      "is for holding out images, but image-folder comes with a validation set: leave it out";
  refused({{"split_seed", 3}}, has_parts, "`split_seed` " + has_validation);
  refused({{"val_fraction", 0.1}}, has_parts, "`val_fraction` " + has_validation);
  refused({{"split_kind", "stratified"}}, has_parts, "`split_kind` " + has_validation);
  refused({{"test_fraction", 0.2}}, has_parts,
          "`test_fraction` is for holding out images, but image-folder comes with a test set");
  CHECK_NOTHROW(refuse(experiments::Json::object(), has_parts));
  CHECK_NOTHROW(refuse({{"split_seed", 3}, {"train_limit", 4}}, has_parts));
}

TEST_CASE("A limit leaves out no class of what is trained on") {
  data::Dataset about;
  about.name = "few";
  about.classes = 5;
  for (int i = 0; i < 50; ++i) about.train.labels.push_back(i % 5);
  about.train.count = 50;
  experiments::RunConfig config;
  config.batch_size = 2;
  config.train_limit = 4;
  CHECK_THROWS_WITH(experiments::split_for(config, about),
                    Contains("`train_limit` is 4, but there are 5 classes in few: give at least an "
                             "image of each"));
  config.train_limit = 5;
  CHECK(experiments::split_for(config, about).train.size() == 5);
}

TEST_CASE("A network learns to tell pictures of a folder apart, from random crops of them") {
  const Folder folder;
  const TrainingData data = folder.load(8);
  const test::TemporaryDirectory out;
  const experiments::RunConfig config = experiments::make_config({{"dataset", "image-folder"},
                                                                  {"image_size", 8},
                                                                  {"model", "resnet8"},
                                                                  {"epochs", 4},
                                                                  {"batch_size", 9},
                                                                  {"lr", 0.05}});
  const experiments::RunResult result =
      experiments::train_run(config, data, {}, out.path() / "run", {});
  CHECK(result.test.accuracy == 1);
}

}  // namespace
