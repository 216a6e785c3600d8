// SPDX-License-Identifier: MIT
// Appendix A.10: the parameter gamma of the Dirichlet prior, which 1 leaves out of the loss
#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"

using namespace experiments;

int main(int argc, char** argv) {
  // (gamma - 1) weighs a sum over the classes, of which Fashion-MNIST has 10, not 100.
  std::vector<Preset> presets = standard_presets({{"gammas", {1, 1.0005, 1.001, 1.002}}});
  presets[0].settings["gammas"] = {1, 1.005, 1.01, 1.02};
  Experiment experiment(
      "appendix_a10", "appendix_a10_gamma",
      "Appendix A.10: self-distillation under the prior Dir(beta exp(u/T) + gamma), "
      "Eq. 8, whose gamma is 1 everywhere else.",
      std::move(presets));
  experiment.add_numbers("gammas", "a student for each", f32_positive);
  experiment.decides({"gamma"});

  return experiment.main(argc, argv, [&] {
    const double label = 1 - experiment.config(0).smoothing;
    const std::vector<Measured> measured = experiment.run(students_by(
        experiment, "gamma", "gamma", experiment.numbers("gammas"), [label](double gamma) {
          return Json{{"effective_label", label}, {"gamma", gamma}};
        }));
    if (measured.empty()) return;

    const auto by_gamma = [&](const Quantity& q) {
      return std::vector{curve_of(select(measured, {{"method", "sd"}}), "gamma", q)};
    };
    experiment.publish(figure_of("Gamma of the prior", "gamma", accuracy_and_ece, by_gamma),
                       measured);
  });
}
