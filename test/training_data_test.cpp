// SPDX-License-Identifier: MIT
#include "experiments/training_data.h"

#include "experiments/training.h"
#include "kernels/error.h"
#include "test/data_pictures.h"
#include "test/temporary_directory.h"

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
