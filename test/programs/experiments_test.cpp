// SPDX-License-Identifier: MIT
// Every experiment's program for real, with networks and data that take a second or two.
#include <map>

#include "engine/system/files.h"
#include "engine/system/values.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using namespace test;
using experiments::Json;
using Words = std::vector<std::string>;

TEST_CASE("every experiment trains, measures and draws") {
  // Soft labels of (0.644 - 0.6) / 0.4 = 0.11, as two epochs' teachers can be made to give.
  const Words matched{"--smoothing", "0.356", "--alpha", "0.6"};
  const std::map<std::string, Words> own = {
      // which the preset's values would not fit
      {"figure1_sequential", {"--generations", "1"}},
      {"figure2_temperature", {"--temperatures", "1,2"}},
      {"figure3_comparison", matched},
      {"appendix_a2_student_temperature", {"--temperatures", "2"}},
      {"appendix_a3_sequential_temperatures", {"--temperatures", "1,2", "--generations", "1"}},
      {"appendix_a4_smoothing_strength", {"--strengths", "0.356", "--alpha", "0.6"}},
      {"appendix_a5_ema_self_training", matched},
      {"appendix_a6_a7_regularization", {"--weight-decays", "1e-4", "--sizes", "20"}},
      {"appendix_a8_random_beta", matched},
      {"appendix_a9_densenet_teacher",
       {"--smoothing", "0.356", "--alpha", "0.6", "--teachers", "densenet-bc-10-4"}},
      {"appendix_a10_gamma", {"--smoothing", "0.356", "--alpha", "0.6", "--gammas", "1,1.01"}},
      {"beyond_controls", matched},
      {"beyond_methods", matched},
      {"beyond_variants", {"--smoothing", "0.356", "--alpha", "0.6", "--entropy-weights", "0.1"}}};
#define X(name) #name,
  const Words programs{EXPERIMENTS};
#undef X
  const TinyDataset data;
  const TemporaryDirectory root;
  for (const std::string& program : programs) {
    INFO(program);
    const auto out = root.path() / program;
    Words words{program,
                "--data-dir",
                data.dir(),
                "--dataset",
                "fashion-mnist",
                "--model",
                "resnet8",
                "--epochs",
                "2",
                "--train-limit",
                "40",
                "--val-limit",
                "8",
                "--batch-size",
                "10",
                "--lr",
                "0.02",
                "--seeds",
                "1",
                "--threads",
                "1",
                "--out",
                out};
    const auto more = own.find(program);
    if (more != own.end()) words.insert(words.end(), more->second.begin(), more->second.end());
    const Outcome outcome = run(words);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    const Json about = experiments::read_json(out / "results.json").at("about");
    const std::string stem = about.at("experiment");
    for (const std::string& file : {stem + ".svg", stem + ".png", std::string("report.html")})
      CHECK(std::filesystem::file_size(out / file) > 1000);
  }
}
