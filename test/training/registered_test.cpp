// SPDX-License-Identifier: MIT
// What a program brings along: networks, losses and data sets by names of its own.
#include "data/sets/source.h"
#include "engine/system/files.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/exports.h"
#include "experiments/training/own_loss.h"
#include "nn/layers.h"
#include "nn/resnet.h"
#include "test/support/error_of.h"
#include "test/training/tiny_training.h"

using namespace experiments;
using Catch::Matchers::Contains;
using test::error_of;
using test::same_tensors;
using test::tiny_config;
using test::tiny_data;

namespace {

nn::TensorFile weights_of(const std::filesystem::path& run) {
  return nn::read_safetensors(run / "best.safetensors");
}

}  // namespace

TEST_CASE("a registered network is trained, saved and read as ours are") {
  nn::register_model("registered-8", [](const nn::ModelInput& input) {
    return std::make_unique<nn::ResNet>(
        nn::ResNetConfig{.stem_width = 16, .widths = {16, 32, 64}, .blocks = {1, 1, 1}}, input);
  });
  const test::TemporaryDirectory root;
  const RunConfig ours = tiny_config({{"epochs", 1}}),
                  theirs = tiny_config({{"epochs", 1}, {"model", "registered-8"}});
  train_run(ours, tiny_data(), {}, root.path() / "ours");
  train_run(theirs, tiny_data(), {}, root.path() / "theirs");
  CHECK(same_tensors(weights_of(root.path() / "ours"), weights_of(root.path() / "theirs")));
  CHECK(load_model(root.path() / "theirs" / "best.safetensors", "", tiny_data()) != nullptr);
  CHECK_THAT(nn::model_help(), Contains("registered-8"));

  const auto weights = root.path() / "theirs" / "best.safetensors", page = root.path() / "page";
  write_hugging_face(page, weights, load_classifier(weights, nn::Device::cpu, nn::DType::f32), {});
  CHECK(std::filesystem::exists(page / "model.safetensors"));
  CHECK_FALSE(std::filesystem::exists(page / "softlabel_torch.py"));  // does not know it
  CHECK_THAT(read_file(page / "README.md"), !Contains("softlabel_torch"));

  const nn::ModelBuilder any = [](const nn::ModelInput&) { return nullptr; };
  for (const char* taken : {"registered-8", "resnet8", "densenet-bc-22-5"})
    CHECK_THAT(error_of([&] { nn::register_model(taken, any); }), Contains("already"));
  for (const char* bad : {"", "My Net", "a/b", "a_b"})
    CHECK_THAT(error_of([&] { nn::register_model(bad, any); }), Contains("is no name"));
}

TEST_CASE("a registered loss is trained with, and options that it does not use are refused") {
  register_loss("registered-ce", [](const engine::Tensor& logits, const engine::Batch& batch,
                                    const engine::StepState&) {
    return engine::soft_target_loss(logits, batch.labels);
  });
  const test::TemporaryDirectory root;
  const RunConfig theirs = tiny_config({{"epochs", 1}, {"loss", "registered-ce"}});
  CHECK(is_own(theirs.loss));
  CHECK(to_json(theirs)["loss"] == "registered-ce");
  train_run(tiny_config({{"epochs", 1}}), tiny_data(), {}, root.path() / "ours");
  train_run(theirs, tiny_data(), {}, root.path() / "theirs");
  CHECK(same_tensors(weights_of(root.path() / "ours"), weights_of(root.path() / "theirs")));
  CHECK(read_json(root.path() / "theirs" / "config.json")["run"]["loss"] == "registered-ce");

  const auto refused = [&](const char* key, const Json& value) {
    return error_of([&] { refuse_unused({{key, value}}, {&theirs, 1}); });
  };
  CHECK_THAT(refused("gamma", 2), Contains("`gamma` is not for `loss` registered-ce"));
  CHECK_THAT(refused("alpha", 0.5), Contains("`alpha` is for `loss` ls"));
  CHECK(refused("lr", 0.5).empty());
  CHECK_THAT(error_of([] { tiny_config({{"loss", "unheard-of"}}); }), Contains("registered-ce"));
  for (const char* taken : {"registered-ce", "beta"})
    CHECK_THAT(error_of([&] { register_loss(taken, {}); }), Contains("already"));
  CHECK_THAT(error_of([] { register_loss("a b", {}); }), Contains("is no name"));
}

TEST_CASE("a registered data set may be made up") {
  const auto read = [](const std::filesystem::path& dir) {
    CHECK(dir.empty());
    data::Dataset set;
    set.classes = 2;
    return set;
  };
  data::register_data_set(
      {.name = "registered-set", .size = {8, 8, 8}, .read = read, .has_files = false});
  CHECK(data::load_dataset("registered-set").classes == 2);
  CHECK(data::default_data_dir("registered-set").empty());
  CHECK_THAT(error_of([] { data::load_dataset("registered-set", {}, {.image_size = 9}); }),
             Contains("8 x 8"));
  CHECK_THAT(error_of([&] {
               data::register_data_set({.name = "cifar10", .size = {8, 8, 8}, .read = read});
             }),
             Contains("already"));
  CHECK_THAT(error_of([] {
               data::register_data_set({.name = "neither", .size = {8, 8, 8}});
             }),
             Contains("one of `read` and `list`"));
}
