// SPDX-License-Identifier: MIT
// Appendix A.3: self-distillation in sequence at several temperatures
#include <fmt/format.h>

#include "experiments/harness/experiment.h"
#include "experiments/report/curves.h"

namespace experiments {
namespace {

std::vector<Run> runs(const Parameters& parameters) {
  return for_each_seed(parameters, [&](int seed, RunList& all) {
    const std::string first = fmt::format("seed{}-generation0", seed);
    all.push_back(
        {first, {{"seed", seed}, {"generation", 0}}, parameters.config(seed, 0, {{"loss", "ce"}})});
    for (const double t : parameters.numbers("temperatures")) {
      std::string teacher = first;
      for (int generation = 1; generation <= parameters.number("generations"); ++generation) {
        const std::string name = fmt::format("seed{}-T{}-generation{}", seed, t, generation);
        all.push_back({name,
                       {{"seed", seed}, {"generation", generation}, {"temperature", t}},
                       parameters.config(seed, generation,
                                         {{"loss", "sd"}, {"alpha", 0}, {"temperature", t}}),
                       teacher});
        teacher = name;
      }
    }
  });
}

constexpr Titled shown[] = {{"test_accuracy", "Test accuracy"},
                            {"test_nll", "Test NLL"},
                            {"train_predictive_uncertainty", "Its uncertainty on training data"},
                            {"train_confidence_diversity", "Its diversity on training data"}};

Figure figure(const Parameters& parameters, const Results& results) {
  return figure_of(
      "Sequential self-distillation by temperature", "generation", shown, [&](const Metric& q) {
        std::vector<Curve> curves;
        for (const double t : parameters.numbers("temperatures")) {
          std::vector<Point> points = {{0, {{"generation", 0}}}};
          for (int g = 1; g <= parameters.number("generations"); ++g)
            points.push_back({double(g), {{"generation", g}, {"temperature", t}}});
          curves.push_back(curve_through(results.runs, points, q, fmt::format("T = {}", t)));
        }
        return curves;
      });
}

std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  std::vector<Claim> all;
  if (parameters.number("generations") * parameters.numbers("temperatures").size() > 2)
    add_correlation_claims(all, {}, "Section 4.3, of Appendix A.3");
  return all;
}

}  // namespace

Experiment appendix_a3_sequential_temperatures() {
  return {.stem = "appendix_a3",
          .title =
              "Appendix A.3: sequential self-distillation (alpha 0) at other temperatures of "
              "the teacher than Figure 1's.",
          .presets = standard_presets({{"temperatures", {1, 1.5, 2}}, {"generations", 3}},
                                      {{"generations", 10}}),
          .options = {numbers_option("temperatures", "a sequence for each", f32_positive),
                      number_option("generations", "students in a row, after generation 0")},
          .hide_options = {"alpha", "temperature"},
          .runs = runs,
          .figure = figure,
          .claims = claims};
}

}  // namespace experiments
