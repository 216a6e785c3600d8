// SPDX-License-Identifier: MIT
// Beyond the paper: sample weights, entropy regularisation, smoothed teachers, variants of the EMA
#include <fmt/format.h>

#include "experiments/paper/comparison.h"

using namespace experiments;

int main(int argc, char** argv) {
  Experiment experiment("beyond_variants", "beyond_variants",
                        "Beyond the paper: Eq. 10's sample weights omega (over their mean), which "
                        "it derives and leaves "
                        "out; entropy regularisation; a teacher trained with label smoothing; and "
                        "other moving averages for Beta smoothing.",
                        standard_presets({{"entropy_weights", {0.1}}}));
  experiment.add_numbers("entropy-weights", "of entropy regularisation, a network for each",
                         f32_any);
  experiment.decides({"entropy-weight", "ema-init", "ema-mode", "ema-buffers"});

  return experiment.main(argc, argv, [&] {
    const double label = 1 - experiment.config(0).smoothing;
    const auto matched = [label](const char* loss, const Json& more = Json::object()) {
      Json changes = {{"loss", loss}, {"effective_label", label}};
      changes.update(more);
      return changes;
    };
    std::vector<Method> methods = {
        {.name = "teacher", .title = "", .changes = {{"loss", "ce"}}, .stage = 1, .shown = false},
        {.name = "smoothed-teacher",
         .title = "",
         .changes = {{"loss", "ls"}},
         .stage = 1,
         .shown = false},
        {"ce", "cross entropy", {{"loss", "ce"}}},
        {"ls", "label smoothing", {{"loss", "ls"}}},
        {"sd", "self-distillation", matched("sd"), "teacher"},
        {"omega", "with weights omega", matched("sd", {{"omega", true}}), "teacher"},
        {"smoothed", "from a smoothed teacher", matched("sd"), "smoothed-teacher"},
        {"beta", "Beta smoothing", matched("beta")},
        {"copy", "EMA starts as a copy", matched("beta", {{"ema_init", "copy"}})},
        {"averaged", "EMA in eval mode, averaged buffers",
         matched("beta",
                 {{"ema_init", "copy"}, {"ema_mode", "eval"}, {"ema_buffers", "averaged"}})}};
    for (const double weight : experiment.numbers("entropy_weights")) {
      const std::string name = fmt::format("entropy{}", weight);
      methods.push_back({name,
                         fmt::format("entropy regularisation {}", weight),
                         {{"loss", "ce"}, {"entropy_weight", weight}}});
    }
    const std::vector<Measured> measured = experiment.run(comparison_runs(experiment, methods));
    if (measured.empty()) return;
    experiment.publish(comparison_figure("Beyond the paper", measured, methods), measured);
  });
}
