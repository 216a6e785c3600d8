// SPDX-License-Identifier: MIT
// Appendix A.5: learning from the moving average's own predictions, against Beta smoothing
#include "experiments/paper/comparison.h"

using namespace experiments;

int main(int argc, char** argv) {
  Experiment experiment("appendix_a5", "appendix_a5_ema_self_training",
                        "Appendix A.5: self-training on the softmax of the moving average of the "
                        "network, which Beta smoothing takes only a ranking from.",
                        standard_presets(Json::object()));

  return experiment.main(argc, argv, [&] {
    const double label = 1 - experiment.config(0).smoothing;
    const std::vector<Method> methods = {
        {"ce", "cross entropy", {{"loss", "ce"}}},
        {"ls", "label smoothing", {{"loss", "ls"}}},
        {"ema", "EMA self-training", {{"loss", "ema"}}},
        {"beta", "Beta smoothing", {{"loss", "beta"}, {"effective_label", label}}}};
    const std::vector<Measured> measured = experiment.run(comparison_runs(experiment, methods));
    if (measured.empty()) return;
    experiment.publish(
        comparison_figure("EMA predictions as labels", measured, methods), measured,
        {{"beta_beats_ema",
          "Beta smoothing is more accurate than self-training on the EMA's predictions.",
          "Appendix A.5",
          {better("test_accuracy", "beta", "ema")}}});
  });
}
