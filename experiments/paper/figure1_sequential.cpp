// SPDX-License-Identifier: MIT
// Figure 1: self-distillation in sequence; accuracy, NLL, uncertainty and diversity by generation
#include <fmt/format.h>

#include <tuple>

#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"

namespace experiments {
namespace {

std::vector<Run> runs(const Parameters& parameters) {
  return for_each_seed(parameters, [&](int seed, std::vector<Run>& all) {
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

Figure figure(const Parameters&, const Results& results) {
  return figure_of(
      "Sequential self-distillation", "generation", accuracy_to_diversity,
      [&](const Metric& q) { return std::vector{curve_of(results.runs, "generation", q)}; });
}

/// Each of the paper's trends, as the last generation against generation 0.
std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  const int last = parameters.number("generations");
  std::vector<Claim> all;
  for (const auto& [key, rises, what] :
       {std::tuple{"test_accuracy", true, "raise test accuracy"},
        {"test_nll", false, "lower test NLL"},
        {"train_predictive_uncertainty", true, "raise predictive uncertainty"},
        {"train_confidence_diversity", true, "raise confidence diversity"}}) {
    all.push_back({fmt::format("generations_{}", key),
                   fmt::format("Generations of self-distillation {}.", what),
                   "Section 4.3, Figure 1",
                   {{key, {{"generation", last}}, {{"generation", 0}}, rises}}});
  }
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
