// SPDX-License-Identifier: MIT
// Appendix A.10: the parameter gamma of the Dirichlet prior, which 1 leaves out of the loss
#include "experiments/harness/experiment.h"
#include "experiments/report/curves.h"

namespace experiments {
namespace {

std::vector<Run> runs(const Parameters& parameters) {
  const double label = parameters.effective_label();
  return students_by(parameters, "gamma", "gamma", parameters.numbers("gammas"),
                     [label](double gamma) {
                       return Json{{"effective_label", label}, {"gamma", gamma}};
                     });
}

Figure figure(const Parameters&, const Results& results) {
  return figure_of("Gamma of the prior", "gamma", accuracy_and_ece, [&](const Metric& q) {
    return std::vector{curve_of(select(results.runs, {{"method", "sd"}}), "gamma", q)};
  });
}

std::vector<Preset> presets() {
  // (gamma - 1) weighs a sum over the classes, of which Fashion-MNIST has 10, not 100.
  std::vector<Preset> all = standard_presets({{"gammas", {1, 1.0005, 1.001, 1.002}}});
  settings_of(all, "quick")["gammas"] = {1, 1.005, 1.01, 1.02};
  return all;
}

}  // namespace

Experiment appendix_a10_gamma() {
  return {.stem = "appendix_a10",
          .title =
              "Appendix A.10: self-distillation under the prior Dir(beta exp(u/T) + gamma), "
              "Eq. 8, whose gamma is 1 everywhere else.",
          .presets = presets(),
          .options = {numbers_option("gammas", "a student for each", f32_positive)},
          .hide_options = {"gamma"},
          .runs = runs,
          .figure = figure};
}

}  // namespace experiments
