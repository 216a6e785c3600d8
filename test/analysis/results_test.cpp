// SPDX-License-Identifier: MIT
#include "experiments/analysis/results.h"

#include <set>
#include <tuple>

#include "engine/system/files.h"
#include "experiments/analysis/words.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/doubles.h"
#include "test/support/error_of.h"
#include "test/support/temporary_directory.h"

using namespace experiments;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

FinishedRun run(Json factors, double accuracy, std::optional<double> brier = {}) {
  FinishedRun m{factors.dump(), std::move(factors), {}};
  m.result.test.accuracy = accuracy;
  m.result.test.brier = brier;
  return m;
}

std::vector<Difference> of(const std::vector<FinishedRun>& runs, std::string_view key) {
  std::vector<Difference> selected;
  for (const Difference& d : paired_differences(runs))
    if (d.metric->key == key) selected.push_back(d);
  return selected;
}

}  // namespace

TEST_CASE("every quantity has a key of its own, and what was not measured is none") {
  std::set<std::string_view> keys;
  for (const Metric& q : all_metrics()) keys.insert(q.key);
  CHECK(keys.size() == all_metrics().size());

  RunResult r;
  for (const char* key :
       {"test_brier", "test_ece_10", "test_mce", "test_classwise_ece", "test_scaled_nll",
        "test_fitted_temperature", "val_nll", "train_confidence_diversity_k5",
        "train_confidence_diversity_vasicek", "teacher_predictive_uncertainty"}) {
    INFO(key);
    CHECK_FALSE(metric(key).of(r));
  }
  r.test.brier = 0.5;
  r.test.calibration = Calibration{.ece_10 = 0.1, .ece_20 = 0.2, .mce = 0.4};
  r.test.scaled = TemperatureScaled{1.5, 2.5, 3.5};
  r.train.diversity.k = {1, 3, 5};
  r.train.diversity.entropy = {-1, -3, -5};
  r.train.diversity.vasicek = -2;
  CHECK(metric("test_brier").of(r) == 0.5);
  CHECK(metric("test_ece_10").of(r) == 0.1);
  CHECK(metric("test_ece_20").of(r) == 0.2);
  CHECK(metric("test_mce").of(r) == 0.4);
  CHECK(metric("test_fitted_temperature").of(r) == 1.5);
  CHECK(metric("test_scaled_nll").of(r) == 2.5);
  CHECK(metric("test_scaled_ece").of(r) == 3.5);
  CHECK(metric("train_confidence_diversity").of(r) == -3);
  CHECK(metric("train_confidence_diversity_k5").of(r) == -5);
  CHECK_FALSE(metric("train_confidence_diversity_k10").of(r));
  CHECK(metric("train_confidence_diversity_vasicek").of(r) == -2);
}

TEST_CASE("a fitted temperature at its bound is missing, and stands apart") {
  std::vector<FinishedRun> runs = {run({{"method", "ce"}, {"seed", 0}}, 0.5),
                                   run({{"method", "ce"}, {"seed", 1}}, 0.5),
                                   run({{"method", "ls"}, {"seed", 0}}, 0.5)};
  for (FinishedRun& m : runs) m.result.test.scaled = TemperatureScaled{1.5, 2.5, 3.5};
  runs[1].result.test.scaled = TemperatureScaled{.temperature = lowest_temperature};
  for (const char* key : {"test_fitted_temperature", "test_scaled_nll", "test_scaled_ece"}) {
    INFO(key);
    CHECK_FALSE(metric(key).of(runs[1].result));
    CHECK_FALSE(seed_groups(runs)[0].interval_of(metric(key)));
    CHECK(of({runs[1], run({{"method", "ls"}, {"seed", 1}}, 0.5)}, key).empty());
  }
  const test::TemporaryDirectory root;
  write_results(root.path(), Json::object(), runs);
  const Json rows = Json::parse(read_file(root.path() / "results.json")).at("runs");
  CHECK(rows[1].at("test_scaled_nll").is_null());
  CHECK(rows[1].at("test_fitted_temperature_at_bound") == lowest_temperature);
  CHECK_FALSE(rows[0].contains("test_fitted_temperature_at_bound"));
}

TEST_CASE("differences are taken between runs of one seed") {
  const std::vector<FinishedRun> runs = {
      run({{"method", "ce"}, {"seed", 0}}, 0.5),  run({{"method", "sd"}, {"seed", 1}}, 0.875),
      run({{"method", "ce"}, {"seed", 1}}, 0.75), run({{"method", "sd"}, {"seed", 0}}, 0.75),
      run({{"method", "ls"}, {"seed", 1}}, 0.5),  run({{"method", "sd"}, {"seed", 2}}, 0.1)};
  const auto found = of(runs, "test_accuracy");
  REQUIRE(found.size() == 4);
  const auto& [sd, ls, ce_ls, sd_ls] = std::tie(found[0], found[1], found[2], found[3]);
  CHECK(sd.factors == Json{{"method", "sd"}});
  CHECK(sd.against == "ce");
  CHECK(sd.interval.count == 2);  // of 0.125 and 0.25
  CHECK(sd.interval.mean == 0.1875);
  test::check_near(sd.interval.half_width, 12.706205 * 0.0625, 1e-7);
  CHECK(ls.factors == Json{{"method", "ls"}});
  CHECK(ls.interval.count == 1);
  CHECK(ls.interval.mean == -0.25);
  CHECK(ce_ls.factors == Json{{"method", "ce"}});
  CHECK(ce_ls.interval.mean == 0.25);
  CHECK(sd_ls.against == "ls");
  CHECK(sd_ls.interval.mean == 0.375);
}

TEST_CASE("differences are taken within a setting") {
  const std::vector<FinishedRun> runs = {
      run({{"model", "a"}, {"method", "ce"}, {"seed", 0}}, 0.5),
      run({{"model", "b"}, {"method", "ce"}, {"seed", 0}}, 0.25),
      run({{"model", "b"}, {"method", "ls"}, {"strength", 0.1}, {"seed", 0}}, 0.5),
      run({{"model", "b"}, {"method", "ls"}, {"strength", 0.3}, {"seed", 0}}, 0.75),
      run({{"model", "b"}, {"method", "sd"}, {"strength", 0.3}, {"seed", 0}}, 1),
      run({{"model", "c"}, {"method", "sd"}, {"seed", 0}}, 1)};
  const auto found = of(runs, "test_accuracy");
  REQUIRE(found.size() == 4);
  CHECK(found[0].factors.at("strength") == 0.1);
  CHECK(found[0].interval.mean == 0.25);
  CHECK(found[1].interval.mean == 0.5);
  CHECK(found[2].factors.at("method") == "sd");
  CHECK(found[2].interval.mean == 0.75);
  CHECK(found[3].against == "ls");
  CHECK(found[3].interval.mean == 0.25);
}

TEST_CASE("a difference is left out where a value is missing") {
  std::vector<FinishedRun> runs = {
      run({{"method", "ce"}, {"seed", 0}}, 0.5, 1), run({{"method", "ce"}, {"seed", 1}}, 0.5, 1),
      run({{"method", "ls"}, {"seed", 0}}, 0.5, 2), run({{"method", "ls"}, {"seed", 1}}, 0.5)};
  CHECK(of(runs, "test_accuracy").size() == 2);  // ls against ce, ce against ls
  CHECK(of(runs, "test_brier").empty());
  runs[3].result.test.brier = 2;
  REQUIRE(of(runs, "test_brier").size() == 2);
  CHECK(of(runs, "test_brier")[0].interval.mean == 1);
  CHECK(of(runs, "test_brier")[0].interval.half_width == 0);
  CHECK(paired_differences(std::vector{run({{"generation", 1}, {"seed", 0}}, 1)}).empty());
}

TEST_CASE("differences are written as a table") {
  const test::TemporaryDirectory root;
  const std::vector<FinishedRun> runs = {run({{"method", "ce"}, {"seed", 0}}, 0.5),
                                         run({{"method", "ls"}, {"seed", 0}}, 0.75)};
  write_results(root.path(), {{"data_dir", "caf\xE9"}}, runs);  // as a path may be, not UTF-8
  const std::string text = read_file(root.path() / "differences.csv");
  CHECK(text.rfind("quantity,method,against,mean,seeds\n"
                   "test_accuracy,ls,ce,0.25,1\n",
                   0) == 0);
  const Json all = Json::parse(read_file(root.path() / "results.json"));
  CHECK(all.at("differences").size() > 1);
  CHECK(all.at("about").at("data_dir") == "caf\uFFFD");
}

TEST_CASE("results are read from their table as they were written") {
  const test::TemporaryDirectory root;
  std::vector<FinishedRun> runs;
  for (int seed = 0; seed < 2; ++seed)
    for (const char* method : {"ce", "sd"}) {
      FinishedRun& m = runs.emplace_back(
          run({{"dataset", "cifar100"}, {"method", method}, {"seed", seed}}, 0.1 + 0.2 * seed));
      m.name = std::string(method) + std::to_string(seed);
      m.result.epochs = 7;
      m.result.best_epoch = 5;
      m.result.train.diversity.k = {1, 3, 5, 10};
      m.result.train.diversity.entropy = {-1.1, std::nullopt, -3.3, -4.4};
      m.result.test.scaled = TemperatureScaled{1.5, 2.5, 0.1};
      if (method == std::string("sd")) {
        m.factors["temperature"] = 2.0;
        m.result.solved["temperature"] = 1.0 / 3;
        m.result.teacher.emplace().diversity.k = {3};
        m.result.teacher->diversity.entropy = {-2};
      }
    }
  runs[1].result.test.scaled = TemperatureScaled{.temperature = lowest_temperature};
  write_results(root.path(), Json::object(), runs);
  std::vector<Json> like;
  for (const FinishedRun& m : runs) like.push_back(m.factors);
  const std::vector<FinishedRun> again = read_results(root.path() / "results.csv", like);
  REQUIRE(again.size() == runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK(again[i].name == runs[i].name);
    CHECK(contains(again[i].factors, runs[i].factors));
    for (const Metric& q : all_metrics()) {
      INFO(q.key);
      CHECK(q.of(again[i].result) == q.of(runs[i].result));
    }
  }
  for (const char* name : {"results.csv", "summary.csv", "differences.csv"}) {
    const std::string before = read_file(root.path() / name);
    std::filesystem::create_directories(root.path() / "again");
    write_results(root.path() / "again", Json::object(), again);
    CHECK(read_file(root.path() / "again" / name) == before);
  }

  // A column that there is not was not measured, whatever the number's default is.
  const auto old = root.write("old.csv",
                              "run,seed,test_accuracy,teacher_confidence_diversity,"
                              "best_epoch,epochs,seconds,images_per_second\n"
                              "a,0,0.5,-1,1,2,3,4\n");
  const Json of_seeds = {{"seed", 0}};
  const RunResult r = read_results(old, {&of_seeds, 1}).at(0).result;
  CHECK(metric("test_accuracy").of(r) == 0.5);
  CHECK(metric("teacher_confidence_diversity").of(r) == -1);
  for (const char* key : {"test_nll", "train_accuracy", "teacher_confidence_variance",
                          "teacher_predictive_uncertainty", "test_debiased_ece"}) {
    INFO(key);
    CHECK_FALSE(metric(key).of(r));
  }
}

TEST_CASE("a table of results is read strictly, and an error names file, line and column") {
  const test::TemporaryDirectory root;
  const Json like[] = {{{"seed", 0}, {"generation", 0}, {"method", "ce"}},
                       {{"seed", 0}, {"generation", 1}, {"method", "sd"}, {"temperature", 1.5}}};
  const auto read = [&](const std::string& table) {
    return read_results(root.write("odd.csv", table), like);
  };
  const auto refused = [&](const std::string& table) {
    const std::string error = test::error_of([&] { read(table); });
    const std::string file = (root.path() / "odd.csv").string();
    CHECK((error.empty() || error.starts_with(file)));
    return error.substr(error.empty() ? 0 : file.size());
  };
  const std::vector<std::pair<std::string, std::string>> sound = {{"run", "a"},
                                                                  {"seed", "0"},
                                                                  {"generation", "1"},
                                                                  {"method", "sd"},
                                                                  {"temperature", "2.0"},
                                                                  {"test_accuracy", "0.5"},
                                                                  {"test_debiased_ece", "-0.01"},
                                                                  {"best_epoch", "1"},
                                                                  {"epochs", "2"},
                                                                  {"seconds", "3"},
                                                                  {"images_per_second", "4"}};
  std::string head;
  for (const auto& [column, cell] : sound) head += (head.empty() ? "" : ",") + column;
  // A row, with another cell in one column.
  const auto row = [&](const std::string& other = "", const std::string& cell = "") {
    std::string text;
    for (const auto& [column, own] : sound) text += "," + (column == other ? cell : own);
    return text.substr(1) + "\n";
  };
  head += "\n";

  REQUIRE(refused(head + row()) == "");
  const FinishedRun run = read(head + row()).at(0);
  CHECK(run.factors.dump() == R"({"seed":0,"generation":1,"method":"sd","temperature":2.0})");
  CHECK(read("\xEF\xBB\xBF" + head + row()).at(0).name == "a");  // as Excel saves it
  CHECK(read(head + row("temperature", "")).at(0).factors.dump() ==
        R"({"seed":0,"generation":1,"method":"sd"})");
  CHECK(refused(head + row() + row("run", "b") + "c" + row("test_accuracy", "").substr(1)) == "");

  const std::string whole = "should be a whole number from ",
                    share = "should be a number, in [0, 1]";
  const std::vector<std::tuple<const char*, const char*, std::string>> cases = {
      {"run", "", "run is empty"},
      {"run", "../a", "run is ../a, should be a folder's name"},
      {"seed", "", "seed is empty, " + whole + "0 to 2147483647"},
      {"seed", "x", "seed is x, " + whole},
      {"seed", "1.5", "seed is 1.5, " + whole},
      {"seed", "-1", "seed is -1, " + whole},
      {"generation", "", "generation is empty, " + whole},
      {"generation", "x", "generation is x, " + whole},
      {"generation", "1e3", "generation is 1e3, " + whole},
      {"method", "", "method is empty"},
      {"temperature", "warm", "temperature is warm, should be a number"},
      {"test_accuracy", "abc", "test_accuracy is abc, " + share},
      {"test_accuracy", "nan", "test_accuracy is nan, " + share},
      {"test_accuracy", "-0.5", "test_accuracy is -0.5, " + share},
      {"test_accuracy", "1.5", "test_accuracy is 1.5, " + share},
      {"test_accuracy", "1e308", "test_accuracy is 1e308, " + share},
      {"test_accuracy", "true", "test_accuracy is true, " + share},
      {"test_debiased_ece", "-2", "test_debiased_ece is -2, should be a number, in [-1, 1]"},
      {"best_epoch", "", "best_epoch is empty, " + whole + "1 to 2"},
      {"best_epoch", "3", "best_epoch is 3, " + whole + "1 to 2"},
      {"epochs", "0", "epochs is 0, " + whole},
      {"seconds", "-1", "seconds is -1, should be a number, 0 or greater"},
      {"images_per_second", "fast", "images_per_second is fast, should be a number"}};
  for (const auto& [column, cell, message] : cases) {
    INFO(column << " " << cell);
    CHECK_THAT(refused(head + row("run", "b") + row(column, cell)),
               StartsWith(": line 3: " + message));
  }
  CHECK(refused(head + row() + row()) == ": line 3: run a stands there twice");
  CHECK(refused("test_fitted_temperature_at_bound," + head + "1," + row()) ==
        ": line 2: test_fitted_temperature_at_bound is 1, should be 0.01 or 100");
  CHECK(refused("tset_accuracy," + head + "1," + row()) ==
        ": column tset_accuracy is unknown (did you mean test_accuracy?)");
  CHECK(refused("seed," + head + "1," + row()) == ": there are two columns seed");
  CHECK(refused("run,seed,test_accuracy\na,0,0.5\n") == ": there is no column best_epoch");
  CHECK(refused("garbage\n") == ": there is no column run");
  CHECK(refused(head) == ": there are no rows");
  CHECK(refused(head + "a,0\n") == ": line 2 has 2 cells, the first 11");
  CHECK_THAT(refused(head + row().substr(0, 20)), Contains(": the last line has no end"));
  CHECK(refused("") == " is empty, should be a table");
  CHECK_THAT(refused(std::string("\xFF\xFEr\0u\0", 6)), Contains(" is UTF-16: save it as UTF-8"));
}

TEST_CASE("factors in words") {
  CHECK(factors_text({{"method", "sd"}, {"temperature", 2.0}, {"seed", 1}}) ==
        "self-distillation, T = 2, seed 1");
  CHECK(against_text({{"dataset", "cifar100"}, {"model", "resnet8"}, {"method", "ls"}},
                     {{"dataset", "cifar100"}, {"model", "resnet8"}, {"method", "ce"}}) ==
        "label smoothing against cross entropy, CIFAR-100, ResNet-8");
  CHECK(factors_text({{"method", "from-densenet-bc-16-12"}}) == "taught by DenseNet-BC-16-12");
  CHECK(factors_text({{"sweep", "train_limit"}, {"train_limit", 500}}) == "train limit 500");
}
