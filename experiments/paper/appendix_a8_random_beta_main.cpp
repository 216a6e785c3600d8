// SPDX-License-Identifier: MIT
// Appendix A.8: Beta labels given by the rank of the confidence, against at random
#include "experiments/paper/comparison.h"

using namespace experiments;

int main(int argc, char** argv) {
  Experiment experiment("appendix_a8", "appendix_a8_random_beta",
                        "Appendix A.8: Beta smoothing with the draws sorted by the EMA model's "
                        "confidence, and with the same draws given at random.",
                        standard_presets(Json::object()));
  experiment.decides({"beta-ranking"});

  return experiment.main(argc, argv, [&] {
    const double label = 1 - experiment.config(0).smoothing;
    const std::vector<Method> methods = {
        {"ce", "cross entropy", {{"loss", "ce"}}},
        {"ls", "label smoothing", {{"loss", "ls"}}},
        {"random",
         "Beta labels at random",
         {{"loss", "beta"}, {"effective_label", label}, {"beta_ranking", "random"}}},
        {"beta", "Beta smoothing", {{"loss", "beta"}, {"effective_label", label}}}};
    const std::vector<Measured> measured = experiment.run(comparison_runs(experiment, methods));
    if (measured.empty()) return;
    experiment.publish(comparison_figure("Ranked and random Beta labels", measured, methods),
                       measured,
                       {{"ranking_beats_random",
                         "Beta labels by rank make a more accurate network than at random.",
                         "Appendix A.8",
                         {better("test_accuracy", "beta", "random")}}});
  });
}
