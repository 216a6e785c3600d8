// SPDX-License-Identifier: MIT
// Figure 2: one generation of self-distillation from a teacher softened by a temperature
#include <fmt/format.h>

#include <algorithm>

#include "engine/system/files.h"
#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"
#include "kernels/runtime/error.h"

namespace experiments {
namespace {

RunConfig config_of(const std::filesystem::path& run, const Json& config) {
  try {
    return make_config(config);
  } catch (const kernels::Error& e) {
    kernels::fail("{}: {}", (run / run_files::config).string(), e.what());
  }
}

std::vector<Run> runs(const Parameters& parameters) {
  return students_by(parameters, "temperature", "T", parameters.numbers("temperatures"),
                     [](double t) {
                       return Json{{"alpha", 0}, {"temperature", t}};
                     });
}

/// The students of a finished Figure 1, in which generation 0 is the network that teaches here.
/// Throws Error if the directory holds none, or one of another setting.
std::vector<FinishedRun> generations_of_figure1(const Parameters& parameters) {
  const std::filesystem::path figure1 = parameters.directory("figure1");
  if (figure1.empty()) return {};
  const Run teacher = runs(parameters).front();
  std::vector<FinishedRun> students;
  try {
    const Json results = read_json(figure1 / results_file, "run Figure 1 again to make it");
    for (const Json& run : results.at("runs")) {
      const std::string name = run.at("run");
      const Json config = read_json(figure1 / name / run_files::config).at("run");
      if (run.at("generation") == 0) {
        if (run.at("seed") == teacher.factors.at("seed"))
          find_result(figure1 / name, {teacher.config});  // throws if it is of another setting
        continue;
      }
      const auto result = find_result(figure1 / name, {config_of(figure1 / name, config)});
      kernels::require(result.has_value(), "{} is not finished", (figure1 / name).string());
      students.push_back(
          {name,
           {{"seed", run.at("seed")}, {"method", "sd"}, {"generation", run.at("generation")}},
           *result});
    }
  } catch (const Json::exception&) {
    students.clear();
  }
  kernels::require(!students.empty(), "--figure1: {} holds no finished Figure 1", figure1.string());
  return students;
}

/// Flat lines at the best and the worst of Figure 1's generations.
std::vector<Level> levels_of(const std::vector<FinishedRun>& generations, const Metric& metric) {
  std::vector<double> values;
  for (const SeedGroup& repeats : seed_groups(generations))
    if (const auto interval = repeats.interval_of(metric))
      values.push_back(interval->mean * metric.scale);
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {{"Figure 1, highest value", *high}, {"Figure 1, lowest value", *low}};
}

/// The value of `factor` with the best mean accuracy on held-out images.
Json best_of(const std::vector<FinishedRun>& runs, const char* factor) {
  const Json* best = nullptr;
  double most = -1;
  const std::vector<SeedGroup> groups = seed_groups(runs);
  for (const SeedGroup& repeats : groups) {
    const auto accuracy = repeats.interval_of(metric("val_accuracy"));
    if (accuracy && accuracy->mean > most) {
      most = accuracy->mean;
      best = &repeats.factors.at(factor);
    }
  }
  return best ? *best : Json();
}

Claim best_against_generations(const std::vector<FinishedRun>& students,
                               const std::vector<FinishedRun>& generations) {
  return {"best_temperature_beats_best_generation",
          "The best temperature makes a more accurate student in one generation than the best of "
          "Figure 1's (each chosen by validation accuracy).",
          "Section 4.3, Figure 2",
          {{"test_accuracy",
            {{"temperature", best_of(students, "temperature")}},
            {{"generation", best_of(generations, "generation")}}}}};
}

/// Against T = 1, which is Figure 1's first student.
std::vector<Claim> claims(const Parameters& parameters, const Results& results) {
  std::vector<Claim> all;
  for (const double t : parameters.numbers("temperatures")) {
    if (t <= 1) continue;
    const auto against_1 = [t](const char* key, bool greater) {
      return Comparison{key, {{"temperature", t}}, {{"temperature", 1.0}}, greater};
    };
    all.push_back(
        {fmt::format("temperature_{}_better_student", t),
         fmt::format("A teacher softened by T = {} makes a more accurate student than T = 1.", t),
         "Section 4.3, Figure 2",
         {against_1("test_accuracy", true)}});
    all.push_back(
        {fmt::format("temperature_{}_uncertain_and_diverse", t),
         fmt::format("T = {} raises the teacher's uncertainty and diversity over T = 1.", t),
         "Section 4.3, Figure 2",
         {against_1("teacher_predictive_uncertainty", true),
          against_1("teacher_confidence_diversity", true)}});
  }
  if (!results.others.empty()) {
    all.push_back(
        best_against_generations(select(results.runs, {{"method", "sd"}}), results.others));
  }
  return all;
}

Figure figure(const Parameters&, const Results& results) {
  Figure figure{.title = "Self-distillation by temperature", .caption = {}, .panels = {}};
  const std::vector<FinishedRun> students = select(results.runs, {{"method", "sd"}});
  for (const auto& [key, title] :
       {std::pair{"test_accuracy", "Test accuracy of the student"},
        {"test_nll", "Test NLL of the student"},
        {"teacher_predictive_uncertainty", "Predictive uncertainty of the softened teacher"},
        {"teacher_confidence_diversity", "Confidence diversity of the softened teacher"}}) {
    const Metric& q = metric(key);
    figure.panels.push_back({.title = title,
                             .x_label = "temperature of the teacher",
                             .y_label = std::string(q.title),
                             .curves = {curve_of(students, "temperature", q)},
                             .levels = levels_of(results.others, q),
                             .percent = q.is_share(),
                             .log_x = true});
  }
  return figure;
}

}  // namespace

Experiment figure2_temperature() {
  return {.stem = "figure2",
          .title =
              "Figure 2: one teacher, and a student for each temperature of the teacher's "
              "softmax (alpha 0).",
          .presets = standard_presets({{"temperatures", {1, 1.5, 2, 3, 5}}},
                                      {{"temperatures", {1, 1.5, 2, 2.5, 3, 4, 5}}}),
          .options = {numbers_option("temperatures", "of the teacher's softmax; a student for each",
                                     f32_positive),
                      directory_option("figure1",
                                       "of a finished Figure 1 of the same setting: flat lines, "
                                       "one claim")},
          .hide_options = {"alpha", "temperature"},
          .runs = runs,
          .others = generations_of_figure1,
          .figure = figure,
          .claims = claims};
}

}  // namespace experiments
