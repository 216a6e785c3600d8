// SPDX-License-Identifier: MIT
// Figure 1: self-distillation in sequence; accuracy, NLL, uncertainty and diversity by generation
#include <fmt/format.h>

#include <tuple>

#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"

using namespace experiments;

namespace {

/// Each of the paper's trends, as the last generation against generation 0.
std::vector<Claim> claims(int last) {
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

int main(int argc, char** argv) {
  Experiment experiment(
      "figure1", "figure1_sequential",
      "Figure 1: sequential self-distillation. Generation 0 learns from hard labels, each next one "
      "from the softmax of the one before (alpha 0, T 1).",
      standard_presets({{"generations", 3}}, {{"generations", 10}}));
  experiment.add_number("generations", "students in a row, after generation 0");
  experiment.decides({"alpha", "temperature"});

  return experiment.main(argc, argv, [&] {
    std::vector<Run> runs;
    for (int seed = 0; seed < experiment.number("seeds"); ++seed) {
      std::string teacher;
      for (int generation = 0; generation <= experiment.number("generations"); ++generation) {
        const Json changes =
            teacher.empty() ? Json{{"loss", "ce"}} : Json{{"loss", "sd"}, {"alpha", 0}};
        const std::string name = fmt::format("seed{}-generation{}", seed, generation);
        runs.push_back({name,
                        {{"seed", seed}, {"generation", generation}},
                        experiment.config(seed, generation, changes),
                        teacher});
        teacher = name;
      }
    }
    const std::vector<Measured> measured = experiment.run(runs);
    if (measured.empty()) return;

    const auto by_generation = [&](const Quantity& q) {
      return std::vector{curve_of(measured, "generation", q)};
    };
    experiment.publish(figure_of("Sequential self-distillation", "generation",
                                 accuracy_to_diversity, by_generation),
                       measured, claims(experiment.number("generations")));
  });
}
