// SPDX-License-Identifier: MIT
#include "kernels/runtime/precision.h"

#include "engine/system/files.h"
#include "experiments/training/training.h"
#include "kernels/runtime/memory.h"
#include "test/support/error_of.h"
#include "test/support/tiny_dataset.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::error_of;

namespace {

bool has_bf16() {
  return kernels::why_unavailable(data::Device::cpu, kernels::Precision::bf16).empty();
}

RunConfig config_of(const Json& settings) {
  Json all = {{"dataset", "fashion-mnist"}, {"model", "resnet8"}, {"epochs", 3},
              {"batch_size", 20},           {"lr", 0.05},         {"val_fraction", 0.25}};
  all.update(settings);
  return make_config(all);
}

/// The tiny data set in a config's precision.
const TrainingData& data_for(const RunConfig& config) {
  kernels::set_threads(1);  // others would only wait for each other on a busy machine
  static const test::TinyDataset files;
  static const TrainingData in_f32(config_of(Json::object()), files.dir(), data::Device::cpu),
      in_bf16(config_of({{"precision", "bf16"}}), files.dir(), data::Device::cpu);
  return in_f32.serves(config) ? in_f32 : in_bf16;
}

RunResult train(const fs::path& directory, const Json& settings, const RunOptions& options = {}) {
  const RunConfig config = config_of(settings);
  const fs::path teacher = directory.parent_path() / "teacher" / "best.safetensors";
  return train_run(config, data_for(config),
                   {.teacher = config.loss == Loss::sd ? teacher : fs::path()}, directory, options);
}

Json in_bf16(Json settings) {
  settings["precision"] = "bf16";
  return settings;
}

}  // namespace

TEST_CASE("every loss trains in bf16: as well as exactly, and on to the same bits") {
  if (!has_bf16()) return;
  const std::string model = GENERATE("resnet8", "densenet-bc-10-8");
  const test::TemporaryDirectory root;
  train(root.path() / "teacher", in_bf16({{"model", model}, {"epochs", 1}}));
  for (const Json& loss : std::vector<Json>{{{"loss", "ce"}},
                                            {{"loss", "ls"}},
                                            {{"loss", "sd"}, {"temperature", 2}},
                                            {{"loss", "sd"}, {"augment", "none"}},
                                            {{"loss", "beta"}},
                                            {{"loss", "ema"}, {"ema_init", "copy"}}}) {
    CAPTURE(model, loss.dump());
    Json settings = loss;
    settings["model"] = model;
    const std::string name = loss.dump();
    const auto folder = [&](const char* what) { return root.path() / (name + what); };
    const RunResult exact = train(folder("exact"), settings);
    const RunResult result = train(folder("bf16"), in_bf16(settings));
    CHECK(std::abs(result.test.nll - exact.test.nll) < 0.2);
    CHECK(result.test.nll != exact.test.nll);

    RunOptions stopped;
    stopped.after_epoch = [](const EpochRecord& r) { return r.epoch != 2; };
    CHECK_THROWS_AS(train(folder("resumed"), in_bf16(settings), stopped), kernels::Error);
    train(folder("resumed"), in_bf16(settings));
    for (const char* file : {"best.safetensors", "last.safetensors"})
      CHECK(read_file(folder("resumed") / file) == read_file(folder("bf16") / file));
  }
}

TEST_CASE("a run is not resumed or taken over in another precision") {
  const test::TemporaryDirectory root;
  const fs::path run = root.path() / "run";
  train(run, {{"epochs", 1}});
  const RunConfig other = config_of({{"epochs", 1}, {"precision", "tf32"}});
  CHECK_THAT(error_of([&] { train_run(other, data_for(other), {}, run, {}); }),
             Contains("holds another run (precision is \"f32\" there, \"tf32\" here)"));
  const RunIdentity identity = identity_of(other, data_for(other), {});
  CHECK_FALSE(copy_finished(run, root.path() / "copy", identity, Json::object()));
  CHECK(copy_finished(run, root.path() / "copy",
                      identity_of(config_of({{"epochs", 1}}), data_for(other), {}),
                      Json::object()));
}

TEST_CASE("runs from before there were precisions are exact, or tf32 if they said so") {
  const test::TemporaryDirectory root;
  const fs::path run = root.path() / "run";
  const Json exactly = {{"epochs", 1}, {"precision", "exact"}};
  train(run, exactly);
  Json before = Json::parse(read_file(run / "config.json"));
  before["run"].erase("precision");
  const auto becomes = [&](const Json& circumstances) {
    before["circumstances"] = circumstances;
    return make_config(run_settings(before)).precision;
  };
  CHECK(becomes({{"device", "cpu"}}) == kernels::Precision::exact);
  CHECK(becomes({{"device", "cuda:0"}, {"tf32", false}}) == kernels::Precision::exact);
  CHECK(becomes("damaged") == kernels::Precision::exact);
  CHECK(becomes({{"device", "cuda:0"}, {"tf32", true}}) == kernels::Precision::tf32);

  write_file(run / "config.json", before.dump());  // tf32
  CHECK_THAT(error_of([&] { train(run, exactly); }),
             Contains("precision is \"tf32\" there, \"exact\" here"));
  before["circumstances"]["tf32"] = false;
  write_file(run / "config.json", before.dump());
  CHECK(train(run, exactly).epochs == 1);
  const RunConfig config = config_of(exactly);
  CHECK(copy_finished(run, root.path() / "copy", identity_of(config, data_for(config), {}),
                      Json::object()));
}
