// SPDX-License-Identifier: MIT
// Starting from another network's weights: another head, and a body that stays as it is.
#include "engine/process/stop_signal.h"
#include "experiments/runs/checkpoint.h"
#include "test/support/error_of.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::error_of;
using test::tiny_config;
using test::tiny_data;
using test::train_teacher;

namespace {

/// Weights of a network that knows three other classes.
fs::path weights_for_others(const test::TemporaryDirectory& root) {
  const fs::path path = train_teacher(root, {{"seed", 7}});
  nn::TensorFile file = nn::read_safetensors(path);
  file.tensors.at("linear.weight") = nn::FileTensor::f32({3, 64}, std::vector<float>(192, 0.5f));
  file.tensors.at("linear.bias") = nn::FileTensor::f32({3}, std::vector<float>(3));
  file.metadata["softlabel.classes"] = R"(["cat","dog","cow"])";
  nn::write_safetensors(path, file);
  return path;
}

/// The tensors that two files have different.
std::vector<std::string> differing(const nn::TensorFile& a, const nn::TensorFile& b) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : a.tensors)
    if (b.tensors.at(name).bytes != tensor.bytes) names.push_back(name);
  return names;
}

const std::vector<std::string> head{"linear.bias", "linear.weight"};

}  // namespace

TEST_CASE("a frozen body stays as its file has it, and the new head learns") {
  const test::TemporaryDirectory root;
  const fs::path weights = weights_for_others(root), out = root.path() / "run";
  const Json loss = GENERATE(Json{{"loss", "ce"}},
                             Json{{"loss", "beta"}, {"ema_init", "copy"}, {"ema_mode", "eval"}});
  Json settings = {{"new_head", true}, {"freeze", "body"}, {"weight_decay", 0.01}, {"epochs", 6}};
  settings.update(loss);
  const RunConfig config = tiny_config(settings);
  train_run(config, tiny_data(), {.weights = weights}, out);
  const nn::TensorFile before = nn::read_safetensors(weights),
                       after = nn::read_safetensors(out / "last.safetensors");
  CHECK(differing(before, after) == head);
  CHECK(after.tensors.at("linear.weight").shape == std::vector<std::int64_t>{10, 64});
  const std::vector<EpochRecord> epochs = read_epochs(out);
  CHECK(epochs.back().train_loss < epochs.front().train_loss);
  for (const auto& [name, tensor] : after.tensors) {
    if (name.starts_with("ema.") && name.find("num_batches") == std::string::npos &&
        !nn::is_of_head(name.substr(4)))
      CHECK(tensor.bytes == before.tensors.at(name.substr(4)).bytes);
  }
}

TEST_CASE("a run with a frozen body goes on to the same bits") {
  const test::TemporaryDirectory root;
  const RunInputs inputs{.weights = weights_for_others(root)};
  const RunConfig config = tiny_config({{"new_head", true}, {"freeze", "body"}});
  train_run(config, tiny_data(), inputs, root.path() / "whole");
  const RunOptions stop{.after_epoch = [](const EpochRecord& r) { return r.epoch < 2; }};
  const fs::path parts = root.path() / "parts";
  CHECK_THROWS_AS(train_run(config, tiny_data(), inputs, parts, stop), Interrupted);
  train_run(config, tiny_data(), inputs, parts);
  CHECK(differing(nn::read_safetensors(root.path() / "whole" / "last.safetensors"),
                  nn::read_safetensors(parts / "last.safetensors"))
            .empty());
}

TEST_CASE("a new head alone leaves all to learn") {
  const test::TemporaryDirectory root;
  const fs::path weights = weights_for_others(root), out = root.path() / "run";
  train_run(tiny_config({{"new_head", true}, {"lr", 1e-30}, {"epochs", 1}}), tiny_data(),
            {.weights = weights}, out);
  // With next to no steps it is the file's body, the statistics moving, and the head of the seed.
  const nn::TensorFile before = nn::read_safetensors(weights),
                       after = nn::read_safetensors(out / "last.safetensors");
  for (const std::string& name : differing(before, after))
    CHECK((name.find("running_") != std::string::npos ||
           name.find("tracked") != std::string::npos || nn::is_of_head(name)));
  const auto fresh = nn::make_model("resnet8", tiny_data().model_input(), data::Device::cpu, 0);
  nn::TensorFile start;
  nn::put_state(start, *fresh);
  CHECK(after.tensors.at("linear.weight").bytes == start.tensors.at("linear.weight").bytes);
}

TEST_CASE("what a transfer lacks is said in a line") {
  const test::TemporaryDirectory root;
  const fs::path weights = weights_for_others(root);
  const auto attempt = [&](const Json& settings, const RunInputs& inputs) {
    const std::string message = error_of(
        [&] { train_run(tiny_config(settings), tiny_data(), inputs, root.path() / "run"); });
    CHECK(message.find('\n') == std::string::npos);
    return message;
  };
  CHECK_THAT(attempt(Json::object(), {.weights = weights}),
             Contains("cat") && Contains("`new_head` takes the rest of the network"));
  CHECK_THAT(attempt({{"model", "resnet20"}}, {.weights = weights}), !Contains("new_head"));
  CHECK_THAT(attempt({{"model", "resnet20"}, {"new_head", true}}, {.weights = weights}),
             Contains("is missing"));
  CHECK_THAT(attempt({{"new_head", true}}, {}),
             Contains("`new_head` is for a network that starts"));
  CHECK_THAT(attempt({{"freeze", "body"}}, {}), Contains("`freeze` is for a network that starts"));
  CHECK_THAT(error_of([] {
               validate(tiny_config({{"loss", "beta"}, {"freeze", "body"}}));
             }),
             Contains("use `ema_init` copy and `ema_mode` eval"));
}
