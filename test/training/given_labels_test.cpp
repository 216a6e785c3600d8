// SPDX-License-Identifier: MIT
// Training on soft labels, and on a teacher's logits, from files.
#include <sstream>

#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/samples/sample_rows.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/training.h"
#include "kernels/runtime/device.h"
#include "test/support/error_of.h"
#include "test/support/process.h"
#include "test/training/tiny_training.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::error_of;
using test::tiny_config;
using test::tiny_data;

namespace {

constexpr int images = 80, classes = 10;

struct Trained {
  std::vector<float> of_step;  // loss
  RunResult result;
};

/// With steps so small that rounding does not grow.
Trained train(Json settings, const RunInputs& inputs) {
  const test::TemporaryDirectory root;
  settings["lr"] = 0.001;
  RunOptions options{.log_steps = true};
  Trained trained;
  trained.result =
      train_run(tiny_config(settings), tiny_data(), inputs, root.path() / "run", options);
  std::istringstream rows(read_file(root.path() / "run" / "steps.csv"));
  std::string row;
  std::getline(rows, row);
  while (std::getline(rows, row))
    trained.of_step.push_back(std::stof(row.substr(row.find(',') + 1)));
  CHECK(trained.of_step.size() == 9);
  return trained;
}

void expect_equal(const Trained& a, const Trained& b) {
  test::expect_close(a.of_step, test::to_double(b.of_step), 1e-5, 1e-5);
}

fs::path write_rows(const fs::path& path, const char* name, const std::vector<float>& values) {
  nn::TensorFile file;
  file.tensors[name] = nn::FileTensor::f32({images, classes}, values);
  nn::write_safetensors(path, file);
  return path;
}

/// Probability `p` for the label, the rest for the others.
fs::path write_labels(const fs::path& path, float p) {
  std::vector<float> values(images * classes, (1 - p) / (classes - 1));
  for (std::size_t i = 0; i < images; ++i)
    values[i * classes + std::size_t(tiny_data().about().train.labels[i])] = p;
  return write_rows(path, "probabilities", values);
}

/// A trained network, and what it says of all training images.
struct Teacher {
  explicit Teacher(int seed = 7) {
    train_run(tiny_config({{"seed", seed}}), tiny_data(), {}, root.path() / "run");
    weights = root.path() / "run" / "best.safetensors";
    values =
        logits_of(*load_model(weights, "", tiny_data()), tiny_data().train(), all_indices(images));
    logits = write_rows(root.path() / "logits.safetensors", "logits", values);
  }
  test::TemporaryDirectory root;
  fs::path weights, logits;
  std::vector<float> values;
};

}  // namespace

TEST_CASE("soft labels from a file that are one-hot train as cross entropy does") {
  const test::TemporaryDirectory root;
  const Json augment = {{"augment", GENERATE("none", "standard")}};
  Json soft = {{"loss", "soft"}};
  soft.update(augment);
  const Trained given = train(soft, {.labels = write_labels(root.path() / "l", 1)});
  expect_equal(given, train(augment, {}));
  CHECK(given.result.soft_labels == "probabilities by image, from a file");
  CHECK_FALSE(given.result.teacher);
}

TEST_CASE(
    "smoothed labels from a file train as label smoothing does, and alpha as the hard label") {
  const test::TemporaryDirectory root;
  const RunInputs inputs{.labels = write_labels(root.path() / "l", 0.7f)};
  expect_equal(train({{"loss", "soft"}}, inputs), train({{"loss", "ls"}, {"smoothing", 0.3}}, {}));
  expect_equal(train({{"loss", "soft"}, {"alpha", 0.4}}, inputs),
               train({{"loss", "ls"}, {"smoothing", 0.3}, {"alpha", 0.4}}, {}));
}

TEST_CASE("a teacher's logits from a file train as the teacher does on images as they are") {
  const Teacher teacher;
  const Json settings = {
      {"loss", "sd"}, {"augment", "none"}, {"temperature", 3}, {"omega", GENERATE(false, true)}};
  const Trained of_file = train(settings, {.teacher_logits = {teacher.logits}});
  const Trained of_teacher = train(settings, {.teacher = teacher.weights});
  expect_equal(of_file, of_teacher);
  REQUIRE(of_file.result.teacher);
  CHECK(of_file.result.teacher->nll == Approx(of_teacher.result.teacher->nll).epsilon(1e-5));
  CHECK(of_file.result.soft_labels == "a teacher's logits by image, from a file");
  CHECK(of_teacher.result.soft_labels == "a teacher, asked once about each image");

  const Json views = {{"loss", "sd"}};
  CHECK(train(views, {.teacher = teacher.weights}).result.soft_labels ==
        "a teacher, asked about each view");
}

TEST_CASE("several files are an ensemble") {
  const Teacher one(7), other(8);
  const Json settings = {{"loss", "sd"}, {"augment", "none"}, {"temperature", 2}};
  const auto with = [&](const Json& more, const std::vector<fs::path>& files) {
    Json all = settings;
    all.update(more);
    return train(all, {.teacher_logits = files});
  };
  const Trained single = with(Json::object(), {one.logits});
  const Trained twice = with(Json::object(), {one.logits, one.logits});
  expect_equal(twice, single);
  CHECK_THAT(twice.result.soft_labels, Contains("2 teachers' logits"));

  const Trained both = with(Json::object(), {one.logits, other.logits});
  CHECK(double(both.of_step.front()) != Approx(double(single.of_step.front())).epsilon(1e-5));
  // The mean of probabilities has the mean of the true class's.
  const double mean = (single.result.teacher->mean_p_true +
                       with(Json::object(), {other.logits}).result.teacher->mean_p_true) /
                      2;
  CHECK(both.result.teacher->mean_p_true == Approx(mean).epsilon(1e-5));

  // Solved for the ensemble: the label is (1 - alpha) * mean + alpha.
  const Trained solved =
      with({{"temperature", 1}, {"effective_label", 0.7}}, {one.logits, other.logits});
  CHECK(solved.result.solved.contains("temperature"));
  CHECK(solved.result.teacher->mean_p_true == Approx((0.7 - 0.6) / 0.4).epsilon(1e-4));
}

TEST_CASE(
    "an interrupted run on labels from a file goes on to the same bits, with that file only") {
  const test::TemporaryDirectory root;
  const bool labels = GENERATE(true, false);
  const RunConfig config = tiny_config({{"loss", labels ? "soft" : "sd"}});
  const auto inputs_of = [&](float p, const char* name) {
    const fs::path file = write_labels(root.path() / name, p);
    if (labels) return RunInputs{.labels = file};
    std::vector<float> values = nn::read_safetensors(file).tensors.at("probabilities").to_f32();
    for (float& z : values) z *= 3;
    return RunInputs{.teacher_logits = {write_rows(file, "logits", values)}};
  };
  const RunInputs inputs = inputs_of(0.75f, "a");
  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  train_run(config, tiny_data(), inputs, whole, {.log_steps = true});
  RunOptions stop{.log_steps = true};
  stop.after_epoch = [](const EpochRecord&) { return false; };
  CHECK_THROWS_AS(train_run(config, tiny_data(), inputs, parts, stop), Interrupted);
  CHECK_THAT(error_of([&] { train_run(config, tiny_data(), inputs_of(0.5f, "b"), parts); }),
             Contains("holds another run (") && Contains(labels ? "labels" : "teacher_logits"));
  train_run(config, tiny_data(), inputs_of(0.75f, "moved"), parts, {.log_steps = true});
  for (const char* name : {"steps.csv", "best.safetensors", "last.safetensors"}) {
    INFO(name);
    CHECK(read_file(parts / name) == read_file(whole / name));
  }
}

TEST_CASE(
    "files that are not for the loss, or do not fit, are refused before anything is written") {
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run", labels = write_labels(root.path() / "labels", 1);
  const fs::path logits =
      write_rows(root.path() / "logits", "logits", std::vector<float>(images * classes, 1));
  const auto attempt = [&](const Json& settings, const RunInputs& inputs) {
    const std::string message =
        error_of([&] { train_run(tiny_config(settings), tiny_data(), inputs, out); });
    CHECK_FALSE(fs::exists(out));
    CHECK(message.find('\n') == message.npos);
    return message;
  };
  CHECK_THAT(attempt({{"loss", "soft"}}, {}), Contains("give their file by `labels`"));
  CHECK_THAT(attempt({{"loss", "sd"}}, {}), Contains("by `teacher_logits`"));
  CHECK_THAT(attempt(Json::object(), {.labels = labels}),
             Contains("`labels` is for `loss` soft, not ce"));
  CHECK_THAT(attempt({{"loss", "sd"}}, {.teacher_logits = {logits}, .labels = labels}),
             Contains("`labels` is for `loss` soft, not sd"));
  CHECK_THAT(attempt({{"loss", "soft"}}, {.teacher_logits = {logits}, .labels = labels}),
             Contains("`teacher_logits` is for `loss` sd, not soft"));
  CHECK_THAT(attempt({{"loss", "sd"}}, {.teacher = labels, .teacher_logits = {logits}}),
             Contains("give one"));
  CHECK_THAT(attempt({{"loss", "sd"}, {"teacher_model", "resnet8"}}, {.teacher_logits = {logits}}),
             Contains("`teacher_model`"));
  CHECK_THAT(attempt({{"loss", "sd"}, {"omega", true}}, {.teacher_logits = {logits, logits}}),
             Contains("`omega`"));
  CHECK_THAT(attempt({{"loss", "sd"}}, {.teacher_logits = {labels}}),
             Contains("give it by `labels`"));
  CHECK_THAT(attempt({{"loss", "soft"}}, {.labels = logits}),
             Contains("give it by `teacher_logits`"));
  CHECK_THAT(attempt({{"loss", "soft"}, {"effective_label", 0.8}}, {.labels = labels}),
             Contains("`effective_label`"));

  // Rows of a part of the images, as those of another split.
  nn::TensorFile part = nn::read_safetensors(logits);
  put_samples(part, tiny_data(), false, all_indices(60));
  part.tensors["logits"] = nn::FileTensor::f32({60, classes}, std::vector<float>(600, 1));
  nn::write_safetensors(logits, part);
  CHECK_THAT(attempt({{"loss", "sd"}}, {.teacher_logits = {logits}}),
             Contains("has no row for ") && Contains(" of the 60 images to train on"));
}

TEST_CASE("what evaluate --save-logits writes stands for the teacher on the command line") {
  const test::TemporaryDirectory root;
  const test::TinyDataset data;
  const auto at = [&](const char* name) { return (root.path() / name).string(); };
  const auto train = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"--epochs", "2"});
    return test::run(test::tiny("train", data.dir(), more));
  };
  REQUIRE(train({"--out", at("a")}).status == 0);
  const auto save = [&](const std::string& split, const std::string& file) {
    REQUIRE(
        test::run({"evaluate", "--weights", at("a") + "/best.safetensors", "--data-dir",
                   data.dir().string(), "--threads", "1", "--split", split, "--save-logits", file})
            .status == 0);
  };
  save("train", at("logits"));
  save("test", at("of-test"));
  const std::vector<std::string> sd = {"--loss", "sd", "--augment", "none", "--out"};
  const auto student = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> all = sd;
    all.push_back(out);
    all.insert(all.end(), more.begin(), more.end());
    return train(all);
  };
  const test::Outcome of_file = student(at("b"), {"--teacher-logits", at("logits")});
  REQUIRE(of_file.status == 0);
  CHECK_THAT(of_file.err, Contains(at("logits") + ": logits of 60 images; the largest is at the "
                                                  "image's label in "));
  REQUIRE(student(at("c"), {"--teacher", at("a") + "/best.safetensors"}).status == 0);
  CHECK(read_file(at("b") + "/steps.csv") == read_file(at("c") + "/steps.csv"));
  CHECK_THAT(read_file(at("b") + "/result.json"), Contains("a teacher's logits by image"));

  // A run's config.json says which files it read, and whether they are still the same.
  REQUIRE(student(at("d"), {"--teacher-logits", at("logits"), at("logits")}).status == 0);
  REQUIRE(train({"--config", at("d") + "/config.json", "--out", at("e")}).status == 0);
  CHECK(Json::parse(read_file(at("e") + "/config.json")).at("inputs") ==
        Json::parse(read_file(at("d") + "/config.json")).at("inputs"));
  const test::Outcome of_test = student(at("f"), {"--teacher-logits", at("of-test")});
  CHECK(of_test.status == 1);
  CHECK_THAT(test::last_line(of_test.err), Contains("is of a test set"));
  fs::copy_file(at("of-test"), at("logits"), fs::copy_options::overwrite_existing);
  const test::Outcome changed = train({"--config", at("d") + "/config.json", "--out", at("f")});
  CHECK(changed.status == 1);
  CHECK_THAT(test::last_line(changed.err), Contains("say which one by --teacher-logits"));
  CHECK_FALSE(fs::exists(at("f")));

  const test::Outcome none = student(at("f"), {"--teacher-logits"});
  CHECK(none.status == 2);
  CHECK_THAT(test::last_line(none.err), Contains("--teacher-logits has no value"));
  const test::Outcome empty = student(at("f"), {"--teacher-logits", at("of-test"), ""});
  CHECK(empty.status == 2);
  CHECK_THAT(test::last_line(empty.err), Contains("--teacher-logits is empty"));
}
