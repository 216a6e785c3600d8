// SPDX-License-Identifier: MIT
// Runs with other optimizers, a warm-up, clipped gradients and mixed views.
#include <cmath>
#include <sstream>

#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "experiments/runs/checkpoint.h"
#include "test/support/error_of.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::error_of;
using test::tiny_config;
using test::tiny_data;

namespace {

constexpr int images = 80, classes = 10;

std::vector<float> column(const fs::path& csv, int place) {
  std::istringstream rows(read_file(csv));
  std::vector<float> values;
  std::string row, cell;
  std::getline(rows, row);
  while (std::getline(rows, row)) {
    std::istringstream cells(row);
    for (int i = 0; i <= place; ++i) std::getline(cells, cell, ',');
    values.push_back(std::stof(cell));
  }
  return values;
}

/// The loss of each step, of which there are nine, with steps so small that rounding does not grow.
std::vector<float> losses(Json settings, const RunInputs& inputs = {}) {
  const test::TemporaryDirectory root;
  settings.update({{"lr", 0.001}});
  train_run(tiny_config(settings), tiny_data(), inputs, root.path() / "run", {.log_steps = true});
  return column(root.path() / "run" / "steps.csv", 1);
}

void expect_equal(const std::vector<float>& a, const std::vector<float>& b) {
  CHECK(a.size() == 9);
  test::expect_close(a, test::to_double(b), 1e-5, 1e-5);
}

/// A row for each training image, of value(class, label).
template <class Value>
fs::path write_rows(const fs::path& path, const char* name, Value value) {
  std::vector<float> values;
  for (std::size_t i = 0; i < images; ++i)
    for (int k = 0; k < classes; ++k)
      values.push_back(value(k, tiny_data().about().train.labels[i]));
  nn::TensorFile file;
  file.tensors[name] = nn::FileTensor::f32({images, classes}, values);
  nn::write_safetensors(path, file);
  return path;
}

float smoothed(int k, int label) { return k == label ? 0.7f : 0.3f / (classes - 1); }

const Json both_ways = {{"mixup", 0.4}, {"cutmix", 1}};

Json with(Json settings, const Json& more) {
  settings.update(more);
  return settings;
}

}  // namespace

TEST_CASE("an interrupted run with every option goes on to the same bits") {
  const Json settings = GENERATE(
      Json{{"optimizer", "adamw"}, {"warmup_epochs", 1.5}, {"clip_norm", 1}, {"mixup", 0.4}},
      Json{{"nesterov", true}, {"clip_norm", 0.1}, {"cutmix", 1}, {"loss", "beta"}},
      Json{{"optimizer", "adamw"},
           {"schedule", "cosine"},
           {"mixup", 1},
           {"cutmix", 1},
           {"loss", "ema"},
           {"augment", "none"}});
  const test::TemporaryDirectory root;
  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  const RunConfig config = tiny_config(settings);
  train_run(config, tiny_data(), {}, whole, {.log_steps = true});
  for (const int epoch : {1, 2}) {
    RunOptions stop{.log_steps = true};
    stop.after_epoch = [epoch](const EpochRecord& r) { return r.epoch != epoch; };
    CHECK_THROWS_AS(train_run(config, tiny_data(), {}, parts, stop), Interrupted);
    const nn::TensorFile state = nn::read_safetensors(parts / "last.safetensors");
    const bool adamw = config.optimizer == nn::OptimizerOptions::Rule::adamw;
    CHECK(state.tensors.contains("optimizer.velocity") != adamw);
    CHECK(state.tensors.contains("optimizer.first_moment") == adamw);
    CHECK(state.tensors.contains("optimizer.second_moment") == adamw);
  }
  train_run(config, tiny_data(), {}, parts, {.log_steps = true});
  for (const char* name : {"steps.csv", "best.safetensors", "last.safetensors"}) {
    INFO(name);
    CHECK(read_file(parts / name) == read_file(whole / name));
  }
}

TEST_CASE("a training state without what the optimizer keeps is refused") {
  const test::TemporaryDirectory root;
  const RunConfig config = tiny_config({{"optimizer", "adamw"}});
  const fs::path run = root.path() / "run", last = run / "last.safetensors";
  RunOptions stop;
  stop.after_epoch = [](const EpochRecord&) { return false; };
  CHECK_THROWS_AS(train_run(config, tiny_data(), {}, run, stop), Interrupted);
  nn::TensorFile state = nn::read_safetensors(last);
  state.tensors.erase("optimizer.second_moment");
  nn::write_safetensors(last, state);
  CHECK(error_of([&] { train_run(config, tiny_data(), {}, run); }) ==
        last.string() + " has no optimizer.second_moment; remove " + run.string() +
            " to run again");
}

TEST_CASE("the rate rises step by step, and what is logged is an epoch's last") {
  const test::TemporaryDirectory root;  // three steps in an epoch
  const auto rates = [&](const char* name, const Json& settings) {
    train_run(tiny_config(settings), tiny_data(), {}, root.path() / name);
    return column(root.path() / name / "epochs.csv", 1);
  };
  const Json flat = {{"schedule", "constant"}, {"lr", 0.06}};
  test::expect_close(rates("a", with(flat, {{"warmup_epochs", 2}})), {0.03, 0.06, 0.06}, 1e-5, 0);
  test::expect_close(rates("b", with(flat, {{"warmup_epochs", 2.5}})), {0.024, 0.048, 0.06}, 1e-5,
                     0);
  test::expect_close(rates("c", {{"schedule", "cosine"}, {"lr", 0.06}, {"warmup_epochs", 2}}),
                     {0.03, 0.045, 0.015}, 1e-5, 0);
}

TEST_CASE("gradients that are clipped to less than they are train more slowly") {
  const std::vector<float> free = losses({{"augment", "none"}}),
                           loose = losses({{"augment", "none"}, {"clip_norm", 1e4}}),
                           tight = losses({{"augment", "none"}, {"clip_norm", 1e-6}});
  CHECK(loose == free);
  CHECK(tight[0] == free[0]);
  CHECK(tight[8] > free[8]);
}

TEST_CASE("mixed views: labels from files mix as the run's own do") {
  const test::TemporaryDirectory root;
  const Json augment = {{"augment", GENERATE("none", "standard")}};
  const auto mixed = [&](const Json& settings, const RunInputs& inputs = {}) {
    return losses(with(with(both_ways, augment), settings), inputs);
  };
  const fs::path hard = write_rows(root.path() / "hard", "probabilities",
                                   [](int k, int label) { return k == label ? 1.0f : 0.0f; });
  expect_equal(mixed({{"loss", "soft"}}, {.labels = hard}), mixed({{"loss", "ce"}}));

  const Json ls = {{"loss", "ls"}, {"smoothing", 0.3}};
  const fs::path soft = write_rows(root.path() / "soft", "probabilities", smoothed);
  expect_equal(mixed({{"loss", "soft"}}, {.labels = soft}), mixed(ls));
  expect_equal(mixed({{"loss", "soft"}, {"alpha", 0.4}}, {.labels = soft}),
               mixed(with(ls, {{"alpha", 0.4}})));

  // A teacher's answers are mixed as probabilities, at its temperature.
  const fs::path logits = write_rows(root.path() / "logits", "logits", [](int k, int label) {
    return 2 * std::log(smoothed(k, label));
  });
  expect_equal(
      mixed({{"loss", "sd"}, {"temperature", 2}, {"alpha", 0.4}}, {.teacher_logits = {logits}}),
      mixed(with(ls, {{"alpha", 0.4}})));
}

TEST_CASE("mixed views: a teacher is asked about each") {
  const test::TemporaryDirectory root;
  const fs::path teacher = test::train_teacher(root, {{"epochs", 1}});
  const Json sd = {{"loss", "sd"}, {"augment", "none"}, {"omega", GENERATE(false, true)}};
  const RunResult result = train_run(tiny_config(with(sd, both_ways)), tiny_data(),
                                     {.teacher = teacher}, root.path() / "student");
  CHECK(result.soft_labels == "a teacher, asked about each view");
}

TEST_CASE("mixed views: every loss trains, and differently than without") {
  const Json settings =
      GENERATE(Json{{"loss", "ce"}}, Json{{"loss", "ls"}}, Json{{"loss", "ema"}},
               Json{{"loss", "beta"}}, Json{{"loss", "beta"}, {"beta_ranking", "random"}});
  const std::vector<float> plain = losses(settings), mixup = losses(with(settings, {{"mixup", 1}})),
                           cutmix = losses(with(settings, {{"cutmix", 1}})),
                           both = losses(with(settings, both_ways));
  for (const float loss : mixup) CHECK(std::isfinite(loss));
  CHECK(mixup != plain);
  CHECK(cutmix != plain);
  CHECK(mixup != cutmix);
  CHECK(both != mixup);
}

TEST_CASE("mixed views: what has no meaning is refused before anything is written") {
  const test::TemporaryDirectory root;
  const fs::path logits = write_rows(root.path() / "logits", "logits", smoothed),
                 out = root.path() / "run";
  CHECK(error_of([&] {
          train_run(tiny_config({{"loss", "sd"}, {"omega", true}, {"mixup", 1}}), tiny_data(),
                    {.teacher_logits = {logits}}, out);
        }) ==
        "`omega` weighs by the size of a teacher's logits, and `teacher_logits` have none for "
        "pictures that `mixup` or `cutmix` mixes: a `teacher` itself has");
  CHECK_FALSE(fs::exists(out));
}
