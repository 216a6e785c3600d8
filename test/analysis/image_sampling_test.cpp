// SPDX-License-Identifier: MIT
#include "experiments/analysis/image_sampling.h"

#include <cmath>

#include "engine/system/files.h"
#include "nn/files/safetensors.h"
#include "test/support/catch.h"
#include "test/support/doubles.h"
#include "test/support/error_of.h"
#include "test/support/support.h"
#include "test/support/temporary_directory.h"

using namespace experiments;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using test::check_near;

namespace {

constexpr int images = 500, classes = 4;

/// Runs of two methods, two seeds each, with logits of their own but the same labels.
std::vector<FinishedRun> runs_with_logits(const std::filesystem::path& root) {
  std::vector<FinishedRun> runs;
  for (const char* method : {"ce", "ls"})
    for (int seed = 0; seed < 2; ++seed) {
      const std::string name = std::string(method) + std::to_string(seed);
      runs.push_back({name, {{"method", method}, {"seed", seed}}, {}});
      std::vector<float> logits =
          test::random_values(std::size_t(images) * classes, -1, 1, 10 + runs.size());
      std::vector<std::int64_t> labels;
      for (int i = 0; i < images; ++i) {
        labels.push_back(i % classes);
        logits[std::size_t(i * classes + i % classes)] += method == std::string("ce") ? 0.5f : 0.9f;
      }
      nn::TensorFile file;
      file.tensors["logits"] = nn::FileTensor::f16({images, classes}, logits);
      file.tensors["labels"] = nn::FileTensor::i64({images}, labels);
      std::filesystem::create_directories(root / name);
      nn::write_safetensors(root / name / run_files::logits, file);
      runs.back().result.test = measure(read_test_outputs(root / name)->view());
    }
  return runs;
}

std::size_t at(const Json& method) { return method == "ce" ? 0 : 1; }

}  // namespace

TEST_CASE("the variance over images is that of a mean of independent images") {
  const test::TemporaryDirectory root;
  const std::vector<FinishedRun> runs = runs_with_logits(root.path());
  const ImageSampling sampling = sample_test_images(root.path(), runs, 4000);
  CHECK(sampling.images == std::vector<int>{images, images});

  // Of accuracy and NLL the difference is a mean over images, each image's its mean over seeds.
  for (const char* key : {"test_accuracy", "test_nll"}) {
    INFO(key);
    std::vector<double> difference(images);
    for (const FinishedRun& run : runs) {
      const auto predictions = predict(read_test_outputs(root.path() / run.name)->view());
      for (int i = 0; i < images; ++i) {
        const Prediction& p = predictions[std::size_t(i)];
        const double value = key == std::string("test_nll") ? p.nll : double(p.correct);
        difference[std::size_t(i)] += (at(run.factors["method"]) == 0 ? 0.5 : -0.5) * value;
      }
    }
    double mean = 0, squares = 0;
    for (const double d : difference) mean += d / images;
    for (const double d : difference) squares += (d - mean) * (d - mean) / images;
    const double variance = sampling.variance_of_difference(key, 0, 1);
    check_near(variance / (squares / images), 1, 0.1);  // 4.5 standard errors of 4000 resamples
    CHECK(sampling.variance_of_difference(key, 0, 0) == 0);
  }
  CHECK(sampling.variance_of_difference("test_ece", 0, 1) > 0);
  CHECK(sampling.variance_of_difference("test_scaled_ece", 0, 1) == 0);  // no temperature is known
  CHECK(sampling.variance_of_difference("beauty", 0, 1) == 0);
}

TEST_CASE("the variance over images widens intervals, and is written and read") {
  const test::TemporaryDirectory root;
  std::vector<FinishedRun> runs = runs_with_logits(root.path());
  for (FinishedRun& run : runs) {
    run.result.test.accuracy = 0.5 + 0.1 * double(at(run.factors["method"]));
    run.result.best_epoch = run.result.epochs = 1;
  }
  const ImageSampling sampling = sample_test_images(root.path(), runs, 200);
  const auto find = [&](const ImageSampling* drawn) {
    for (const Difference& d : paired_differences(runs, drawn))
      if (d.metric->key == "test_accuracy" && d.against == "ce") return d.interval;
    return Interval{};
  };
  CHECK(find(nullptr).half_width == Approx(0).margin(1e-12));
  CHECK(find(&sampling).half_width > 0.01);
  CHECK(find(&sampling).mean == find(nullptr).mean);

  const auto mean_of = [&](const char* key) {
    return *seed_groups(runs).front().interval_of(metric(key));
  };
  const Interval before = mean_of("test_accuracy"), untold = mean_of("train_accuracy");
  CHECK(before.half_width == Approx(0).margin(1e-12));
  set_over_images(sampling, runs);
  CHECK(mean_of("test_accuracy").mean == before.mean);
  CHECK(mean_of("test_accuracy").standard_error ==
        Approx(std::sqrt(sampling.covariance.at("test_accuracy")[0][0])));
  CHECK(mean_of("train_accuracy").half_width == untold.half_width);

  write_results(root.path(), Json::object(), runs, &sampling);
  const ImageSampling again =
      read_image_sampling(root.path() / images_file, seed_groups(runs).size());
  CHECK(again.images == sampling.images);
  for (const char* key : {"test_accuracy", "test_ece", "test_debiased_ece"})
    CHECK(again.variance_of_difference(key, 0, 1) == sampling.variance_of_difference(key, 0, 1));
  CHECK_THROWS_AS(read_image_sampling(root.path() / images_file, 1), kernels::Error);
}

TEST_CASE("a table of covariances is read strictly, and an error names file, line and remedy") {
  const test::TemporaryDirectory root;
  const std::string head = "quantity,images,group,other,covariance\n";
  const auto refused = [&](const std::string& table) {
    const std::filesystem::path file = root.write("images.csv", table);
    std::string error = test::error_of([&] { read_image_sampling(file, 2); });
    if (error.empty()) return error;
    CHECK(error.starts_with(file.string()));
    CHECK(error.ends_with("; remove it to draw without it"));
    return error.substr(file.string().size());
  };
  const std::string first = "test_nll,500,1,1,0.5\n";
  CHECK(refused(head + first + "test_nll,500,2,1,-0.25\n") == "");
  CHECK(refused("\xEF\xBB\xBF" + head + first) == "");
  for (const auto& [row, message] : {
           std::pair{"test_nll,x,2,1,1", "images is x, should be a whole number from 1 to "},
           {"test_nll,0,2,1,1", "images is 0, should be a whole number from 1 to "},
           {"test_nll,400,2,1,1", "images is 400, should be 500, as above"},
           {"test_nll,500,3,1,1", "group is 3, should be a whole number from 1 to 2"},
           {"test_nll,500,2,,1", "other is empty, should be a whole number from 1 to 2"},
           {"test_nll,500,2,1,", "covariance is empty, should be a number"},
           {"test_nll,500,2,1,inf", "covariance is inf, should be a number"},
           {"test_nll,500,2,2,-1", "covariance is -1, should be a number, 0 or greater"},
           {"test_nll,500,1,1,0.5", "test_nll of these groups stands there twice"},
           {"beauty,500,2,1,1", "quantity is beauty, should be one of test_accuracy, "},
       }) {
    INFO(row);
    CHECK_THAT(refused(head + first + row + "\n"), StartsWith(std::string(": line 3: ") + message));
  }
  CHECK_THAT(refused("garbage\n"), StartsWith(": there is no column quantity;"));
  CHECK_THAT(refused("garbage"), StartsWith(": the last line has no end"));
  CHECK_THAT(refused(head), StartsWith(": there are no rows;"));
  CHECK_THAT(refused(""), StartsWith(" is empty"));
}

TEST_CASE("logits that are not of the run are refused") {
  const test::TemporaryDirectory root;
  const std::vector<FinishedRun> runs = runs_with_logits(root.path());
  const auto file = [&](const char* run) { return root.path() / run / run_files::logits; };
  const auto refused = [&] {
    return test::error_of([&] { sample_test_images(root.path(), runs, 10); });
  };
  CHECK(refused() == "");
  const std::string own = read_file(file("ce0"));
  write_file(file("ce0"), read_file(file("ls0")));  // of another run
  CHECK_THAT(refused(), Contains("is not of this run: 500 images with a mean NLL of ") &&
                            Contains("ce0 to run again"));
  nn::TensorFile few = nn::read_safetensors(file("ls0"));
  few.tensors["logits"] = nn::FileTensor::f16({3, classes}, std::vector<float>(3 * classes));
  few.tensors["labels"] = nn::FileTensor::i64({3}, {0, 1, 2});
  nn::write_safetensors(file("ce0"), few);
  CHECK_THAT(refused(), Contains("is not of this run: 3 images"));
  write_file(file("ce0"), own.substr(0, own.size() - 1));
  CHECK_THAT(refused(), Contains("ce0 to run again"));
}

TEST_CASE("runs without logits know nothing of images") {
  const test::TemporaryDirectory root;
  std::vector<FinishedRun> runs = runs_with_logits(root.path());
  std::filesystem::remove(root.path() / "ls1" / run_files::logits);
  const ImageSampling some = sample_test_images(root.path(), runs, 10);
  CHECK(some.images == std::vector<int>{images, 0});
  CHECK(some.variance_of_difference("test_accuracy", 0, 1) == 0);
  runs.erase(runs.begin(), runs.begin() + 2);
  std::filesystem::remove(root.path() / "ls0" / run_files::logits);
  const ImageSampling none = sample_test_images(root.path(), runs, 10);
  CHECK_FALSE(none.is_known());
  CHECK(to_csv(none).empty());
}
