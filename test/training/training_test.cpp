// SPDX-License-Identifier: MIT
#include "experiments/training/training.h"

#include <cmath>
#include <sstream>

#include "engine/pool.h"
#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "experiments/metrics/metrics_json.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/soft_labels/soft_labels.h"
#include "kernels/runtime/memory.h"
#include "test/support/error_of.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using test::error_of;
using test::tiny_config;
using test::tiny_data;
using test::train_teacher;

namespace {

/// The rows of a table without the columns that tell time.
std::string without_times(const fs::path& csv) {
  std::istringstream lines(read_file(csv));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    line.resize(line.rfind(','));
    line.resize(line.rfind(','));
    text += line + "\n";
  }
  return text;
}

RunOptions stop_after(int epoch) {
  RunOptions options{.log_steps = true};
  options.after_epoch = [epoch](const EpochRecord& r) { return r.epoch != epoch; };
  return options;
}

}  // namespace

TEST_CASE("a run leaves its files, and a finished one is not repeated") {
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const RunConfig config = tiny_config({{"epochs", 16}});
  const RunResult result =
      train_run(config, tiny_data(), {}, out, {.log_steps = true, .provenance = {{"threads", 2}}});
  CHECK(result.epochs == 16);
  CHECK(result.steps == 48);  // 60 training images in batches of 20
  CHECK(result.train.samples == 60);
  CHECK(result.validation->samples == 20);
  CHECK(result.test.samples == 40);
  CHECK(result.test.accuracy > 0.5);  // chance is 0.1
  CHECK(result.images_per_second > 0);
  const Json json = Json::parse(read_file(out / "result.json"));
  CHECK(json.at("test").at("accuracy") == result.test.accuracy);
  CHECK(json.at("circumstances").at("threads") == 2);
  CHECK(Json::parse(read_file(out / "config.json")).at("run") == to_json(config));

  // The best epoch is the last one of the highest validation accuracy.
  std::istringstream rows(read_file(out / "epochs.csv"));
  std::string row;
  std::getline(rows, row);
  CHECK(row == "epoch,lr,train_loss,train_accuracy,val_accuracy,val_nll,seconds,images_per_s");
  double best = -1;
  int best_epoch = 0, epoch = 0, ties = 0;
  while (std::getline(rows, row)) {
    std::istringstream cells(row);
    std::vector<double> values;
    for (std::string cell; std::getline(cells, cell, ',');) values.push_back(std::stod(cell));
    REQUIRE(values.size() == 8);
    CHECK(values[0] == ++epoch);
    ties = values[4] > best ? 0 : ties + (values[4] == best);
    if (values[4] >= best) best = values[4], best_epoch = epoch;
  }
  CHECK(epoch == 16);
  CHECK(ties > 0);
  CHECK(result.best_epoch == best_epoch);
  CHECK(result.validation->accuracy == best);

  // The checkpoint says what it is, and measures as the result says.
  const nn::TensorFile file = nn::read_safetensors(out / "best.safetensors");
  CHECK(to_json(config_in(file, "").value()) == to_json(config));
  const auto model = load_model(out / "best.safetensors", "", tiny_data());
  const auto& labels = tiny_data().about().test.labels;
  Metrics metrics =
      measure({logits_of(*model, tiny_data().test(), all_indices(labels.size())), labels, 10});
  REQUIRE(result.test.scaled);
  CHECK_FALSE(result.validation->scaled);
  metrics.scaled = result.test.scaled;
  CHECK(to_json(metrics) == to_json(result.test));
  CHECK(nn::read_safetensors(out / "last.safetensors").tensors.size() == file.tensors.size());

  const auto written = fs::last_write_time(out / "result.json");
  const RunResult again = train_run(config, tiny_data(), {}, out);
  CHECK(to_json(again) == to_json(result));
  CHECK(fs::last_write_time(out / "result.json") == written);
  CHECK_THAT(error_of([&] { train_run(tiny_config(), tiny_data(), {}, out); }),
             Contains("holds another run (epochs is 16 there, 3 here)"));

  // Its weights may be gone, to save space, but not be damaged.
  const auto repeated = [&] { return error_of([&] { train_run(config, tiny_data(), {}, out); }); };
  fs::resize_file(out / "best.safetensors", fs::file_size(out / "best.safetensors") - 1);
  CHECK_THAT(repeated(), Contains(out.string() + " has its result, but cannot read ") &&
                             Contains("; remove " + out.string() + " to run again"));
  fs::remove(out / "best.safetensors");
  CHECK(repeated().empty());
}

TEST_CASE("the authors' protocol measures the ECE with 20 bins") {
  const test::TemporaryDirectory root;
  const RunConfig config = tiny_config({{"protocol", "authors"}, {"epochs", 1}});
  const RunResult result = train_run(config, tiny_data(), {}, root.path(), {});
  CHECK(result.test.calibration->bins == 20);
  CHECK(result.test.ece == result.test.calibration->ece_20);
}

TEST_CASE("the same seed gives the same bits, another seed others") {
  const test::TemporaryDirectory root;
  const TrainingData& data = tiny_data();
  kernels::set_threads(2);
  const auto weights = [&](const char* name, int seed) {
    train_run(tiny_config({{"epochs", 2}, {"seed", seed}}), data, {}, root.path() / name);
    auto tensors = nn::read_safetensors(root.path() / name / "last.safetensors").tensors;
    return tensors.at("conv1.weight").bytes;
  };
  const auto a = weights("a", 1), b = weights("b", 1), c = weights("c", 2);
  CHECK(a == b);
  CHECK(a != c);
}

TEST_CASE("an interrupted run goes on as if it had never stopped") {
  const test::TemporaryDirectory root;
  const Json settings =
      GENERATE(Json{{"loss", "ce"}}, Json{{"loss", "beta"}, {"epochs", 4}},
               Json{{"loss", "sd"}, {"augment", "none"}, {"alpha", 0}, {"max_steps", 8}},
               Json{{"loss", "pskd"}, {"evaluate_ema", true}}, Json{{"loss", "ols"}},
               Json{{"loss", "zipf"}});
  const RunConfig config = tiny_config(settings);
  RunInputs inputs;
  if (config.loss == Loss::sd) inputs.teacher = train_teacher(root);
  const TrainingData& data = tiny_data();
  kernels::set_threads(2);

  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  const RunResult expected = train_run(config, data, inputs, whole, {.log_steps = true});
  CHECK_THROWS_AS(train_run(config, data, inputs, parts, stop_after(1)), Interrupted);
  // What a kill in the middle of an epoch may leave: rows of an epoch that does not count, and the
  // best checkpoint not yet written though the state says so.
  std::ofstream(parts / "epochs.csv", std::ios::app) << "2,0.1,";
  std::ofstream(parts / "steps.csv", std::ios::app) << "4,1.5\n5,";
  fs::remove(parts / "best.safetensors");
  CHECK_THROWS_AS(train_run(config, data, inputs, parts, stop_after(2)), Interrupted);
  CHECK_FALSE(fs::exists(parts / "result.json"));
  const RunResult result = train_run(config, data, inputs, parts, {.log_steps = true});

  CHECK(to_json(result.test) == to_json(expected.test));
  CHECK(to_json(result.train) == to_json(expected.train));
  CHECK(result.best_epoch == expected.best_epoch);
  CHECK(result.effective_label == expected.effective_label);
  CHECK(without_times(parts / "epochs.csv") == without_times(whole / "epochs.csv"));
  for (const char* name : {"steps.csv", "best.safetensors", "last.safetensors"}) {
    INFO(name);
    CHECK(read_file(parts / name) == read_file(whole / name));
  }
}

TEST_CASE("a run killed before its best checkpoint was written finds it in the last one") {
  const test::TemporaryDirectory root;
  const RunConfig config = tiny_config({{"epochs", 1}});
  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  train_run(config, tiny_data(), {}, whole);
  CHECK_THROWS_AS(train_run(config, tiny_data(), {}, parts, stop_after(1)), Interrupted);
  fs::remove(parts / "best.safetensors");
  train_run(config, tiny_data(), {}, parts);
  CHECK(read_file(parts / "best.safetensors") == read_file(whole / "best.safetensors"));
}

TEST_CASE("a run that cannot go on says what to remove") {
  const test::TemporaryDirectory root;
  const RunConfig config = tiny_config({{"epochs", 1}});
  const fs::path out = root.path() / "run";
  const auto error = [&] { return error_of([&] { train_run(config, tiny_data(), {}, out); }); };
  const std::string remedy = "; remove " + out.string() + " to run again";
  train_run(config, tiny_data(), {}, out);
  fs::remove(out / "result.json");
  CHECK(error() == (out / "last.safetensors").string() +
                       " holds weights, but no training state to go on from" + remedy);
  const std::string whole = read_file(out / "last.safetensors");
  write_file(out / "last.safetensors", whole.substr(0, whole.size() / 2));
  CHECK_THAT(error(), Contains((out / "last.safetensors").string()) && EndsWith(remedy));
}

TEST_CASE("each epoch draws anew what is random, and nothing else changes") {
  // With steps that are too small to change a weight, only the draws can change the loss.
  const test::TemporaryDirectory root;
  const auto first_losses = [&](Json settings) {
    settings.update(Json{{"lr", 1e-20}, {"epochs", 2}});
    const fs::path out = root.path() / settings.dump();
    std::vector<double> losses;
    RunOptions options{.log_steps = true};
    train_run(tiny_config(settings), tiny_data(), {}, out, options);
    std::istringstream rows(read_file(out / "steps.csv"));
    std::string row;
    std::getline(rows, row);
    while (std::getline(rows, row)) losses.push_back(std::stod(row.substr(row.find(',') + 1)));
    REQUIRE(losses.size() == 6);
    return std::pair(losses[0], losses[3]);
  };
  const Json still = {{"order", "sequential"}, {"augment", "none"}};
  const auto with = [&](const Json& more) {
    Json settings = still;
    settings.update(more);
    const auto [first, second] = first_losses(settings);
    return first == second;
  };
  CHECK(with({{"loss", "ce"}}));
  CHECK_FALSE(with({{"order", "shuffled"}}));
  CHECK_FALSE(with({{"augment", "standard"}}));
  CHECK_FALSE(with({{"loss", "beta"}, {"beta_ranking", "random"}}));
}

TEST_CASE("a loss that is not finite stops the run and keeps the checkpoints") {
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const std::string message = error_of([&] {
    train_run(tiny_config({{"lr", 1e9}, {"epochs", 20}}), tiny_data(), {}, out);
  });
  CHECK_THAT(message, Contains("training has diverged; try a lower `lr` than"));
  CHECK_THAT(message, Contains("epoch"));
  CHECK(message.find('\n') == std::string::npos);
  CHECK_FALSE(fs::exists(out / "result.json"));
  if (fs::exists(out / "best.safetensors")) {
    const auto model = load_model(out / "best.safetensors", "", tiny_data());
    for (const float w : model->parameters().values().to_host()) REQUIRE(std::isfinite(w));
  }
}

TEST_CASE("after a first epoch that diverged the same directory takes the lower `lr`") {
  const test::TemporaryDirectory root;
  const auto train = [&](double lr) {
    train_run(tiny_config({{"lr", lr}, {"epochs", 1}}), tiny_data(), {}, root.path());
  };
  CHECK_THAT(error_of([&] { train(1e30); }), Contains("try a lower `lr`"));
  REQUIRE_FALSE(fs::exists(root.path() / "last.safetensors"));
  CHECK_NOTHROW(train(0.05));
  CHECK(Json::parse(read_file(root.path() / "config.json")).at("run").at("lr") == 0.05);
}

TEST_CASE("training asks the system for no memory once it runs") {
  const test::TemporaryDirectory root;
  const Json settings = GENERATE(
      Json{{"loss", "ce"}}, Json{{"loss", "beta"}}, Json{{"loss", "sd"}, {"augment", "none"}},
      Json{{"loss", "sd"}, {"augment", "standard"}}, Json{{"loss", "soft"}}, Json{{"loss", "pskd"}},
      Json{{"loss", "ols"}}, Json{{"loss", "zipf"}});
  const RunConfig config = tiny_config(settings);
  RunInputs inputs;
  if (config.loss == Loss::sd) inputs.teacher = train_teacher(root);
  if (config.loss == Loss::soft) {
    nn::TensorFile file;
    file.tensors["p"] = nn::FileTensor::f32({80, 10}, std::vector<float>(800, 0.1f));
    inputs.labels = root.path() / "labels.safetensors";
    nn::write_safetensors(inputs.labels, file);
  }
  std::vector<std::size_t> system_calls;
  RunOptions options;
  options.after_epoch = [&](const EpochRecord&) {
    system_calls.push_back(engine::pool(data::Device::cpu).stats().system_calls);
    return true;
  };
  train_run(config, tiny_data(), inputs, root.path() / "run", options);
  REQUIRE(system_calls.size() == 3);
  CHECK(system_calls[1] == system_calls[0]);
  CHECK(system_calls[2] == system_calls[0]);
}

TEST_CASE("logits stay in the order of the samples over many batches") {
  const TrainingData& data = tiny_data();
  const auto model = nn::make_model("resnet8", data.model_input(), data::Device::cpu, 1);
  std::vector<std::int32_t> samples;
  for (int i = 0; i < 601; ++i) samples.push_back(i * 7 % 40);
  const std::vector<float> once = logits_of(*model, data.test(), all_indices(40));
  std::vector<double> want;
  for (const std::int32_t at : samples)
    want.insert(want.end(), once.begin() + at * 10, once.begin() + at * 10 + 10);
  test::expect_close(logits_of(*model, data.test(), samples), want, 1e-4, 1e-4);
}

TEST_CASE("every loss and EMA variant trains") {
  const test::TemporaryDirectory root;
  const Json settings =
      GENERATE(Json{{"loss", "ls"}}, Json{{"loss", "ls"}, {"smoothing_over", "all"}},
               Json{{"loss", "beta"}, {"ema_init", "copy"}, {"ema_mode", "eval"}},
               Json{{"loss", "beta"}, {"ema_mode", "eval"}, {"ema_buffers", "averaged"}},
               Json{{"loss", "beta"}, {"effective_label", 0.8}},
               Json{{"loss", "beta"}, {"beta_ranking", "random"}},
               Json{{"loss", "beta"}, {"beta_ranking", "true-class"}},
               Json{{"loss", "beta"}, {"beta_ranking", "reversed"}}, Json{{"loss", "ema"}},
               Json{{"loss", "ce"}, {"entropy_weight", 0.1}, {"val_fraction", 0}, {"epochs", 1}});
  RunConfig config = tiny_config(settings);
  config.epochs = 1;
  const RunResult result = train_run(config, tiny_data(), {}, root.path() / "run");
  CHECK(result.epochs == 1);
  CHECK(std::isfinite(result.test.nll));
  CHECK(result.validation.has_value() == (config.val_fraction > 0));
  if (!result.validation) CHECK(result.best_epoch == 1);
}

TEST_CASE("the limit of steps ends a run in the middle of an epoch") {
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const RunResult result =
      train_run(tiny_config({{"max_steps", 4}}), tiny_data(), {}, out, {.log_steps = true});
  CHECK(result.steps == 4);
  CHECK(result.epochs == 2);
  CHECK(result.validation->samples == 20);
  std::istringstream rows(read_file(out / "steps.csv"));
  std::string row;
  std::getline(rows, row);
  CHECK(row == "step,loss");
  for (int step = 1; std::getline(rows, row); ++step) {
    CHECK(row.rfind(std::to_string(step) + ",", 0) == 0);
    CHECK(step <= 4);
  }
}
