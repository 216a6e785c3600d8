// SPDX-License-Identifier: MIT
// Every experiment in every preset: its runs, its figure and its claims, from made-up results.
#include <fmt/format.h>

#include <set>

#include "experiments/harness/experiment.h"
#include "test/support/catch.h"
#include "test/support/support.h"
#include "test/support/temporary_directory.h"

#define X(name) Experiment name();
namespace experiments {
EXPERIMENTS
}
#undef X

using namespace experiments;

namespace {

std::vector<Experiment> all_experiments() {
#define X(name) experiments::name(),
  return {EXPERIMENTS};
#undef X
}

Metrics some_metrics(std::uint64_t seed, std::size_t place) {
  const std::vector<float> x = test::random_values(5, 0, 1, 10 * seed + place);
  Metrics m;
  m.samples = 100;
  m.accuracy = 0.4 + 0.2 * x[0];
  m.nll = 1 + x[1];
  m.ece = 0.1 * x[2];
  m.predictive_uncertainty = x[3];
  m.diversity.k = {3};
  m.diversity.entropy = {double(x[4])};
  return m;
}

/// Results as the runs might have given them.
std::vector<FinishedRun> measured(const std::vector<Run>& runs) {
  std::vector<FinishedRun> all;
  for (const Run& run : runs) {
    RunResult result;
    result.epochs = result.best_epoch = 1;
    result.train = some_metrics(all.size(), 0);
    result.validation = some_metrics(all.size(), 1);
    result.test = some_metrics(all.size(), 2);
    if (!run.teacher.empty()) result.teacher = some_metrics(all.size(), 3);
    all.push_back({run.name, run.factors, result});
  }
  return all;
}

void check_runs(const std::vector<Run>& runs) {
  REQUIRE_FALSE(runs.empty());
  std::set<std::string> names;
  for (const Run& run : runs) {
    INFO(run.name);
    CHECK_NOTHROW(validate(run.config));
    CHECK(run.factors.contains("seed"));
    CHECK((run.teacher.empty() || names.contains(run.teacher)));  // who comes before
    CHECK(run.teacher.empty() == (run.config.loss != Loss::sd));
    CHECK(names.insert(run.name).second);
  }
}

void check_figure(const Figure& figure) {
  CHECK_FALSE(figure.title.empty());
  REQUIRE_FALSE(figure.panels.empty());
  for (const Panel& panel : figure.panels) {
    INFO(panel.title);
    REQUIRE_FALSE(panel.curves.empty());
    for (const Curve& curve : panel.curves) {
      INFO(curve.label);
      CHECK_FALSE(curve.y.empty());
      CHECK(curve.x.size() == curve.y.size());
      for (const std::optional<double>& y : curve.y) CHECK(y.has_value());
    }
  }
  CHECK_THAT(svg_of(figure), Catch::Matchers::Contains("<svg"));
}

/// What is drawn again from its table is what was drawn.
void check_table(const std::vector<FinishedRun>& runs, const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  write_results(directory, Json::object(), runs);
  std::vector<Json> like;
  for (const FinishedRun& run : runs) like.push_back(run.factors);
  const std::vector<FinishedRun> again = read_results(directory / "results.csv", like);
  REQUIRE(again.size() == runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK(again[i].name == runs[i].name);
    for (const auto& [factor, value] : runs[i].factors.items())
      CHECK(again[i].factors.at(factor).dump() == value.dump());  // of the same type
    CHECK(again[i].factors.size() == runs[i].factors.size());
  }
}

}  // namespace

TEST_CASE("every experiment in every preset has sound runs, a figure and claims with verdicts") {
  const std::vector<Experiment> experiments = all_experiments();
  CHECK(experiments.size() >= 12);
  std::set<std::string> stems;
  for (const Experiment& experiment : experiments) {
    CHECK(stems.insert(experiment.stem).second);
    REQUIRE_FALSE(experiment.presets.empty());
    CHECK(experiment.presets.back().name == "paper");
    for (const Preset& preset : experiment.presets) {
      CAPTURE(experiment.stem, preset.name);
      const Parameters parameters(experiment, preset.settings);
      const std::vector<Run> runs = experiment.runs(parameters);
      check_runs(runs);
      const test::TemporaryDirectory root;
      CHECK_NOTHROW(RunQueue(runs, root.path() / "queue"));
      const Results results{measured(runs), {}};
      check_figure(experiment.figure(parameters, results));
      check_table(results.runs, root.path() / "table");
      for (const JudgedClaim& judged : judged_claims(experiment, parameters, results)) {
        CAPTURE(judged.claim.name);
        CHECK_FALSE(judged.claim.statement.empty());
        REQUIRE_FALSE(judged.comparisons.empty());
        for (const JudgedComparison& c : judged.comparisons) {
          CHECK(c.difference.has_value());
          CHECK(c.reason.empty());
        }
      }
    }
  }
}

TEST_CASE("Figure 1's generations are compared with Figure 2's students, and are none of them") {
  const Experiment figure1 = figure1_sequential(), figure2 = figure2_temperature();
  const auto made_up = [](const Experiment& experiment) {
    return measured(experiment.runs(Parameters(experiment, experiment.presets.front().settings)));
  };
  const test::TemporaryDirectory root;
  write_results(root.path(), Json::object(), made_up(figure1));
  const Parameters parameters(figure2, figure2.presets.front().settings,
                              {{"figure1", root.path() / "results.csv"}});
  const Results alone{made_up(figure2), {}}, beside{alone.runs, figure2.others(parameters)};
  CHECK_FALSE(beside.others.empty());
  const auto judged = judged_claims(figure2, parameters, alone),
             with_others = judged_claims(figure2, parameters, beside);
  REQUIRE(with_others.size() == judged.size() + 1);
  CHECK(with_others.back().claim.name == "best_temperature_beats_best_generation");
  CHECK(with_others.back().comparisons.front().difference.has_value());
  for (std::size_t i = 0; i < judged.size(); ++i)
    for (std::size_t k = 0; k < judged[i].comparisons.size(); ++k) {
      CAPTURE(judged[i].claim.name);
      const auto &a = judged[i].comparisons[k].difference,
                 &b = with_others[i].comparisons[k].difference;
      REQUIRE((a.has_value() && b.has_value()));
      CHECK(a->mean == b->mean);
      CHECK(a->half_width == b->half_width);
    }
}
