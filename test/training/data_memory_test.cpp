// SPDX-License-Identifier: MIT
// Runs on data sets that are larger than memory: batches are read from the decoded pictures' file.
#include <thread>

#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "experiments/runs/samples/shown_data.h"
#include "kernels/runtime/error.h"
#include "test/support/data_pictures.h"
#include "test/training/tiny_training.h"

using Catch::Matchers::Contains;
using experiments::EpochRecord;
using experiments::Json;
using experiments::read_file;
using experiments::RunInputs;
using experiments::RunOptions;
using experiments::TrainingData;
namespace fs = std::filesystem;

namespace {

/// Pictures of two classes.
struct Folder {
  Folder() {
    for (int i = 0; i < 60; ++i)
      directory.write(
          fmt::format("{}/{}/{}.jpg", i < 48 ? "train" : "test", i % 2 == 0 ? "a" : "b", i),
          test::plain_jpeg(24, std::uint8_t(4 * i)));
  }
  experiments::RunConfig config(const Json& settings) const {
    Json all = {{"dataset", "image-folder"}, {"image_size", 16}, {"batch_size", 10}};
    all.update(settings);
    return test::tiny_config(all);
  }
  TrainingData load(const experiments::RunConfig& config, double most_bytes) const {
    return {config, directory.path(), data::Device::cpu, caches.path(), most_bytes};
  }
  fs::path cache() const { return fs::directory_iterator(caches.path())->path(); }

  test::TemporaryDirectory directory, caches;
};

}  // namespace

TEST_CASE("a run that reads its batches has the bits of one whose images are in memory") {
  kernels::set_threads(1);
  const Json settings =
      GENERATE(Json{{"loss", "ce"}, {"mixup", 1}, {"cutmix", 1}},
               Json{{"loss", "beta"}, {"precision", "bf16"}}, Json{{"loss", "sd"}},
               Json{{"loss", "sd"}, {"augment", "none"}}, Json{{"loss", "pskd"}, {"max_steps", 9}});
  CAPTURE(settings.dump());
  const Folder folder;
  const auto config = folder.config(settings);
  if (!kernels::why_unavailable(data::Device::cpu, config.precision).empty()) return;
  const TrainingData within = folder.load(config, HUGE_VAL), without = folder.load(config, 0);
  REQUIRE(within.train().on_device());
  REQUIRE_FALSE(without.train().on_device());
  REQUIRE_FALSE(without.test().on_device());
  CHECK(within.fingerprint() == without.fingerprint());
  CHECK(image_png(within, experiments::DataPart::test, 3) ==
        image_png(without, experiments::DataPart::test, 3));
  const test::TemporaryDirectory root;
  RunInputs inputs;
  if (config.loss == experiments::Loss::sd) {
    train_run(folder.config({{"epochs", 1}}), within, {}, root.path() / "teacher");
    inputs.teacher = root.path() / "teacher" / "best.safetensors";
  }
  RunOptions options{.log_steps = true};
  train_run(config, within, inputs, root.path() / "within", options);
  // The other stops after an epoch, and goes on from the file.
  options.after_epoch = [](const EpochRecord& r) { return r.epoch != 1; };
  CHECK_THROWS_AS(train_run(config, without, inputs, root.path() / "without", options),
                  experiments::Interrupted);
  options.after_epoch = {};
  train_run(config, without, inputs, root.path() / "without", options);
  for (const char* file :
       {"steps.csv", "best.safetensors", "last.safetensors", "logits.safetensors"}) {
    INFO(file);
    REQUIRE(fs::exists(root.path() / "within" / file));
    CHECK(read_file(root.path() / "without" / file) == read_file(root.path() / "within" / file));
  }
}

TEST_CASE("a data set without a file of pictures stays on the host") {
  kernels::set_threads(1);
  const test::TinyDataset files;
  const auto config = test::tiny_config({{"epochs", 2}});
  const TrainingData data(config, files.dir(), data::Device::cpu, {}, 1000);
  REQUIRE_FALSE(data.train().on_device());
  const test::TemporaryDirectory root;
  train_run(config, data, {}, root.path() / "a");
  train_run(config, TrainingData(config, files.dir(), data::Device::cpu), {}, root.path() / "b");
  CHECK(read_file(root.path() / "a/last.safetensors") ==
        read_file(root.path() / "b/last.safetensors"));
}

TEST_CASE("a file of pictures that is cut while a run reads it ends the run, which goes on later") {
  kernels::set_threads(1);
  const Folder folder;
  const auto config = folder.config(Json::object());
  const test::TemporaryDirectory root;
  {
    const TrainingData data = folder.load(config, 0);
    RunOptions options;
    options.after_epoch = [&](const EpochRecord&) {
      fs::resize_file(folder.cache(), 1000);
      return true;
    };
    CHECK_THROWS_WITH(train_run(config, data, {}, root.path() / "run", options),
                      Contains(folder.cache().string() + " has become shorter than"));
  }
  CHECK(fs::exists(root.path() / "run/last.safetensors"));
  train_run(config, folder.load(config, 0), {}, root.path() / "run");  // which decodes them again
  train_run(config, folder.load(config, HUGE_VAL), {}, root.path() / "whole");
  CHECK(read_file(root.path() / "run/last.safetensors") ==
        read_file(root.path() / "whole/last.safetensors"));
}
