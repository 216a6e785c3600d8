// SPDX-License-Identifier: MIT
// Figure 1: self-distillation in sequence; accuracy, NLL, uncertainty and diversity by generation
#include <fmt/format.h>

#include <tuple>

#include "experiments/harness/experiment.h"
#include "experiments/report/curves.h"

namespace experiments {
namespace {

std::vector<Run> runs(const Parameters& parameters) {
  return for_each_seed(parameters, [&](int seed, RunList& all) {
    std::string teacher;
    for (int generation = 0; generation <= parameters.number("generations"); ++generation) {
      const Json changes =
          teacher.empty() ? Json{{"loss", "ce"}} : Json{{"loss", "sd"}, {"alpha", 0}};
      const std::string name = fmt::format("seed{}-generation{}", seed, generation);
      all.push_back({name,
                     {{"seed", seed}, {"generation", generation}},
                     parameters.config(seed, generation, changes),
                     teacher});
      teacher = name;
    }
  });
}

/// Accuracy, NLL and ECE of each generation; of its teacher, the generation before, what the paper
/// plots beside them: the teacher predicts at T = 1, so that these are its own.
Figure figure(const Parameters& parameters, const Results& results) {
  Figure figure = figure_of(
      "Sequential self-distillation", "generation", accuracy_to_ece,
      [&](const Metric& q) { return std::vector{curve_of(results.runs, "generation", q)}; });
  std::vector<Point> teachers;
  for (int generation = 1; generation <= parameters.number("generations"); ++generation)
    teachers.push_back({double(generation), {{"generation", generation - 1}}});
  Figure of_teachers = figure_of(
      "", "generation that it teaches", uncertainty_to_variance,
      [&](const Metric& q) { return std::vector{curve_through(results.runs, teachers, q)}; });
  figure.panels.insert(figure.panels.end(), of_teachers.panels.begin(), of_teachers.panels.end());
  figure.columns = 3;
  figure.width = 1100;
  return figure;
}

/// Each of the paper's trends: over all generations, as its figure shows them, and over the
/// students alone, since generation 0 learns from hard labels, which is another difference.
std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  const int last = parameters.number("generations");
  std::vector<Claim> all;
  for (const auto& [key, claimed, what] :
       {std::tuple{"test_accuracy", Claimed::greater, "raise test accuracy"},
        {"test_nll", Claimed::smaller, "lower test NLL"},
        {"train_predictive_uncertainty", Claimed::greater, "raise predictive uncertainty"},
        {"train_confidence_diversity", Claimed::greater, "raise confidence diversity"}}) {
    all.push_back({fmt::format("generations_{}", key),
                   fmt::format("Generations of self-distillation {}.", what),
                   "Section 4.3, Figure 1",
                   {{key, {{"generation", last}}, {{"generation", 0}}, claimed}}});
    if (last > 1)
      all.push_back({fmt::format("later_generations_{}", key),
                     fmt::format("Generations after the first student {} further.", what),
                     "Section 4.3, Figure 1",
                     {{key, {{"generation", last}}, {{"generation", 1}}, claimed}}});
  }
  all.push_back({"generations_variance",
                 "Generations raise the variance of the confidence, another measure of diversity.",
                 "our reading of Section 4.2",
                 {{"train_confidence_variance", {{"generation", last}}, {{"generation", 0}}}}});
  if (last > 2) add_correlation_claims(all, {}, "Section 4.3, Figure 1");
  return all;
}

}  // namespace

Experiment figure1_sequential() {
  return {.stem = "figure1",
          .title =
              "Figure 1: sequential self-distillation. Generation 0 learns from hard labels, "
              "each next one from the softmax of the one before (alpha 0, T 1).",
          .presets = standard_presets({{"generations", 3}}, {{"generations", 10}}),
          .options = {number_option("generations", "students in a row, after generation 0")},
          .hide_options = {"alpha", "temperature"},
          .runs = runs,
          .figure = figure,
          .claims = claims};
}

}  // namespace experiments
