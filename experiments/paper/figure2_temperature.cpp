// SPDX-License-Identifier: MIT
// Figure 2: one generation of self-distillation from a teacher softened by a temperature
#include <fmt/format.h>

#include <algorithm>

#include "experiments/harness/experiment.h"
#include "experiments/harness/other_experiment.h"
#include "experiments/report/curves.h"
#include "kernels/runtime/error.h"

namespace experiments {
namespace {

std::vector<Run> runs(const Parameters& parameters) {
  return students_by(parameters, "temperature", "T", parameters.numbers("temperatures"),
                     [](double t) {
                       return Json{{"alpha", 0}, {"temperature", t}};
                     });
}

/// The students of a finished Figure 1, in which generation 0 is the network that teaches here.
/// They have no method: what is asked of the students of this figure is not asked of them.
std::vector<FinishedRun> generations_of_figure1(const Parameters& parameters) {
  const std::filesystem::path figure1 = parameters.directory("figure1");
  if (figure1.empty()) return {};
  const Run teacher = runs(parameters).front();
  std::vector<FinishedRun> generations = read_experiment(
      figure1, {{"seed", 0}, {"generation", 0}}, [&](const Json& run) -> std::optional<RunConfig> {
        const bool teaches = run["generation"] == 0 && run["seed"] == teacher.factors["seed"];
        return teaches ? std::optional(teacher.config) : std::nullopt;
      });
  std::erase_if(generations, [](const FinishedRun& run) { return run.factors["generation"] == 0; });
  kernels::require(!generations.empty(), "--figure1: {} holds no finished Figure 1",
                   figure1.string());
  return generations;
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

/// The value of `factor` whose runs have the highest mean of a metric, or the lowest.
Json best_of(const std::vector<FinishedRun>& runs, const char* factor, const char* key,
             bool highest) {
  Json best;
  double most = 0;
  for (const SeedGroup& repeats : seed_groups(runs)) {
    const auto value = repeats.interval_of(metric(key));
    const double goodness = !value ? 0 : highest ? value->mean : -value->mean;
    if (value && (best.is_null() || goodness > most)) {
      most = goodness;
      best = repeats.factors.at(factor);
    }
  }
  return best;
}

std::vector<FinishedRun> students_at(const std::vector<FinishedRun>& runs,
                                     const std::vector<double>& temperatures) {
  std::vector<FinishedRun> selected;
  for (const double t : temperatures)
    for (const FinishedRun& run : select(runs, {{"method", "sd"}, {"temperature", t}}))
      selected.push_back(run);
  return selected;
}

Json at(const Json& temperature) { return {{"temperature", temperature}}; }

/// Section 4.3: a softened teacher raises the student's accuracy over T = 1, which is Figure 1's
/// first student; uncertainty rises throughout, diversity up to T = 2.5; NLL falls, then rises.
std::vector<Claim> claims(const Parameters& parameters, const Results& results) {
  constexpr double plateau = 2.5;
  const std::string source = "Section 4.3, Figure 2";
  std::vector<double> all = parameters.numbers("temperatures");
  std::ranges::sort(all);
  std::vector<double> above_1, inner;
  for (const double t : all)
    if (t > 1) above_1.push_back(t);
  if (above_1.empty() || std::ranges::find(all, 1.0) == all.end()) return {};
  const double highest = above_1.back();
  inner.assign(above_1.begin(), above_1.end() - 1);

  std::vector<Claim> claims;
  claims.push_back(
      {"softened_teacher_better_student",
       "A teacher softened by the best T above 1 (by validation accuracy) makes a more "
       "accurate student than T = 1.",
       source,
       {{"test_accuracy",
         at(best_of(students_at(results.runs, above_1), "temperature", "val_accuracy", true)),
         at(1.0)}}});
  Claim uncertainty{"uncertainty_rises_with_temperature",
                    "The teacher's uncertainty is strictly increasing with T.",
                    source,
                    {}};
  for (std::size_t i = 1; i < all.size(); ++i)
    uncertainty.comparisons.push_back(
        {"teacher_predictive_uncertainty", at(all[i]), at(all[i - 1])});
  Claim rise{"diversity_rises_with_temperature",
             "The teacher's diversity is greater at each T from 1 to 2.5 than at T = 1.",
             source,
             {}};
  Claim flat{"diversity_plateaus",
             "From T = 2.5 on the teacher's diversity stays the same (within 0.1 nats), as far as "
             "there are temperatures.",
             source,
             {}};
  for (std::size_t i = 0; i < above_1.size(); ++i) {
    const double t = above_1[i];
    if (t <= plateau)
      rise.comparisons.push_back({"teacher_confidence_diversity", at(t), at(1.0)});
    else if (i > 0 && above_1[i - 1] >= plateau)
      flat.comparisons.push_back(
          {"teacher_confidence_diversity", at(t), at(above_1[i - 1]), Claimed::same});
  }
  for (const Claim& claim : {uncertainty, rise, flat})
    if (!claim.comparisons.empty()) claims.push_back(claim);
  if (!inner.empty()) {
    const Json lowest =
        at(best_of(students_at(results.runs, inner), "temperature", "val_nll", false));
    claims.push_back({"nll_falls_then_rises",
                      "The student's NLL falls with T and then rises: it is lower at the best T "
                      "between (by validation NLL) than at T = 1 and at the highest T.",
                      source,
                      {{"test_nll", lowest, at(1.0), Claimed::smaller},
                       {"test_nll", lowest, at(highest), Claimed::smaller}}});
  }
  if (all.size() > 2) add_correlation_claims(claims, {{"method", "sd"}}, source);
  if (!results.others.empty())
    claims.push_back(
        {"best_temperature_beats_best_generation",
         "The best temperature makes a more accurate student in one generation than the best of "
         "Figure 1's (each chosen by validation accuracy).",
         source,
         {{"test_accuracy",
           {{"method", "sd"},
            {"temperature",
             best_of(students_at(results.runs, all), "temperature", "val_accuracy", true)}},
           {{"generation", best_of(results.others, "generation", "val_accuracy", true)}}}}});
  return claims;
}

Figure figure(const Parameters&, const Results& results) {
  Figure figure{.title = "Self-distillation by temperature", .caption = {}, .panels = {}};
  const std::vector<FinishedRun> students = select(results.runs, {{"method", "sd"}});
  for (const auto& [key, title] : {std::pair{"test_accuracy", "Test accuracy of the student"},
                                   {"test_nll", "Test NLL of the student"},
                                   {"test_ece", "Test ECE of the student"},
                                   {"teacher_predictive_uncertainty", "Uncertainty of the teacher"},
                                   {"teacher_confidence_diversity", "Diversity of the teacher"},
                                   {"teacher_confidence_variance", "Var(c) of the teacher"}}) {
    const Metric& q = metric(key);
    const Curve curve = curve_of(students, "temperature", q);
    if (std::ranges::none_of(curve.y, [](const auto& y) { return y.has_value(); }))
      continue;  // of runs of a version that did not measure it
    figure.panels.push_back({.title = title,
                             .x_label = "temperature of the teacher",
                             .y_label = std::string(q.title),
                             .curves = {curve},
                             .levels = levels_of(results.others, q),
                             .range = q.range_on_axis(),
                             .log_x = true});
  }
  figure.columns = 3;
  figure.width = 1100;
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
                                       "of a finished Figure 1 of the same setting, or its "
                                       "results.csv: flat lines, one claim")},
          .hide_options = {"alpha", "temperature"},
          .runs = runs,
          .others = generations_of_figure1,
          .figure = figure,
          .claims = claims};
}

}  // namespace experiments
