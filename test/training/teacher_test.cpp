// SPDX-License-Identifier: MIT
// Learning from a teacher's weights.
#include <cmath>

#include "engine/system/files.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/soft_labels/soft_labels.h"
#include "test/support/error_of.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::error_of;
using test::tiny_config;
using test::tiny_data;
using test::train_teacher;

TEST_CASE("a teacher's constant logits are those of its own forward pass") {
  const test::TemporaryDirectory root;
  const fs::path teacher = train_teacher(root);
  const RunConfig config = tiny_config({{"loss", "sd"}, {"augment", "none"}});
  const data::Split split = split_for(config, tiny_data().about());
  const auto student = nn::make_model("resnet8", tiny_data().model_input(), data::Device::cpu, 1);
  SoftLabels labels(config, tiny_data(), *student, split.train, {.teacher = teacher});
  const auto model = load_model(teacher, "", tiny_data());

  const engine::StepState step(data::Device::cpu);
  for (const int epoch : {0, 1}) {
    const auto order = data::epoch_order(split.train, data::Order::shuffled, 5, epoch);
    const data::Batches batches(tiny_data().train(), order, 20,
                                tiny_data().train().normalise_only(), step);
    labels.start_epoch(order, std::uint32_t(epoch));
    for (int b = 0; b < batches.count(); ++b) {
      const engine::Batch batch = batches.at(b);
      labels.start_batch(std::size_t(b) * 20, batch.labels.shape()[0]);
      const auto got = labels.targets(batch, part_of_rank(batch.labels.shape()[0]), step)
                           .teacher_logits.to_host();
      const auto want = model->forward(batch.images, nn::Mode::eval).to_host();
      test::expect_close(got, test::to_double(want), 1e-4, 1e-4);
    }
  }
}

TEST_CASE("teachers that do not fit are refused before anything is written") {
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run", teacher = train_teacher(root, {{"epochs", 1}});
  const auto attempt = [&](const Json& settings, const RunInputs& inputs) {
    const std::string message =
        error_of([&] { train_run(tiny_config(settings), tiny_data(), inputs, out); });
    CHECK_FALSE(fs::exists(out));
    CHECK(message.find('\n') == std::string::npos);
    return message;
  };
  CHECK_THAT(attempt({{"loss", "sd"}}, {}), Contains("give its weights by `teacher`"));
  CHECK_THAT(attempt({{"loss", "ls"}}, {.teacher = teacher}),
             Contains("`teacher` is for `loss` sd, not ls"));
  CHECK_THAT(attempt({{"loss", "sd"}}, {.teacher = root.path() / "none"}), Contains("none"));
  const std::string wrong =
      attempt({{"loss", "sd"}, {"teacher_model", "resnet20"}}, {.teacher = teacher});
  CHECK_THAT(wrong, Contains("best.safetensors"));
  CHECK_THAT(wrong, Contains("layer1.1.conv1.weight"));
  CHECK_THAT(attempt({{"batch_size", 61}}, {}),
             Contains("`batch_size` is 61, but there are only 60 training images"));
  CHECK_THAT(attempt({{"train_limit", 1000}}, {}),
             Contains("`train_limit` is 1000, but there are only 60"));
  CHECK_THAT(attempt({{"model", "resnet9"}}, {}), Contains("resnet9"));
}

TEST_CASE("a teacher whose weights or outputs are not finite is refused") {
  const test::TemporaryDirectory root;
  const fs::path teacher = train_teacher(root, {{"epochs", 1}});
  const auto [value, reason] = GENERATE(table<float, std::string>(
      {{std::nanf(""),
        " holds values that are not finite: its training has diverged, or it is "
        "damaged"},
       {3e38f, ": the teacher's outputs are not finite on the training images"}}));
  nn::TensorFile file = nn::read_safetensors(teacher);
  nn::FileTensor& weight = file.tensors.at("linear.weight");
  weight = nn::FileTensor::f32(weight.shape, std::vector<float>(weight.to_f32().size(), value));
  nn::write_safetensors(teacher, file);
  const Json augment = GENERATE("none", "standard");
  CHECK(error_of([&] {
          train_run(tiny_config({{"loss", "sd"}, {"augment", augment}}), tiny_data(),
                    {.teacher = teacher}, root.path() / "student");
        }) == teacher.string() + reason);
  CHECK_FALSE(fs::exists(root.path() / "student"));
}

TEST_CASE("a student may have another network than its teacher") {
  const test::TemporaryDirectory root;
  const fs::path teacher = train_teacher(root, {{"epochs", 1}});
  const RunConfig config =
      tiny_config({{"loss", "sd"}, {"model", "densenet-bc-16-6"}, {"epochs", 1}});
  CHECK_NOTHROW(train_run(config, tiny_data(), {.teacher = teacher}, root.path() / "student"));
}
