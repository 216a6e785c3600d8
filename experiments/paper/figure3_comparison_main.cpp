// SPDX-License-Identifier: MIT
// Figure 3: cross entropy, label smoothing, Beta smoothing and self-distillation of equal strength
#include "experiments/paper/comparison.h"

using namespace experiments;

namespace {

/// The orderings of Section 7.2, each over all data sets and networks at hand.
std::vector<Claim> claims(const std::vector<Setting>& settings) {
  Claim accuracy{"methods_beat_ce_accuracy",
                 "Every method is more accurate than cross entropy, everywhere.",
                 "Section 7.2, Figure 3",
                 {}};
  Claim ece{"methods_beat_ce_ece",
            "Every method is better calibrated than cross entropy, everywhere.",
            "Section 7.2, Figure 3",
            {}};
  Claim smaller_ece{"sd_and_beta_beat_ls_ece",
                    "Self-distillation and Beta smoothing are better calibrated than label "
                    "smoothing, everywhere.",
                    "Section 7.2, Figure 3",
                    {}};
  Claim sd{"sd_beats_ls_accuracy",
           "Self-distillation is more accurate than label smoothing, everywhere.",
           "Section 7.2, Figure 3",
           {}};
  Claim beta{"beta_beats_ls_accuracy",
             "Beta smoothing is more accurate than label smoothing, but for CIFAR-100 with ResNet.",
             "Section 7.2, Figure 3",
             {}};
  for (const Setting& setting : settings) {
    for (const char* method : {"ls", "beta", "sd"}) {
      accuracy.comparisons.push_back(better("test_accuracy", method, "ce", setting));
      ece.comparisons.push_back(better("test_ece", method, "ce", setting));
    }
    for (const char* method : {"sd", "beta"})
      smaller_ece.comparisons.push_back(better("test_ece", method, "ls", setting));
    sd.comparisons.push_back(better("test_accuracy", "sd", "ls", setting));
    if (setting.panel != "cifar100" || !setting.title.starts_with("resnet"))
      beta.comparisons.push_back(better("test_accuracy", "beta", "ls", setting));
  }
  return {accuracy, ece, smaller_ece, sd, beta};
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Preset> presets = standard_presets({{"models", {"resnet8", "densenet-bc-16-12"}}},
                                                 {{"models", {"resnet34", "densenet-bc-100-12"}}});
  for (Preset& preset : presets) {
    preset.settings["datasets"] = {preset.settings.at("dataset")};
    preset.settings.erase("dataset");
    preset.settings.erase("model");
  }
  presets[2].settings["datasets"] = {"cifar100", "cub200-2010", "tiny-imagenet"};
  Experiment experiment(
      "figure3", "figure3_comparison",
      "Figure 3: cross entropy, label smoothing, Beta smoothing and self-distillation at the same "
      "mean label of the true class, for which a and the temperature are solved.",
      std::move(presets));
  experiment.add_names("dataset", "train on each of these", "datasets");
  experiment.add_names("model", "train each of these", "models");
  experiment.decides({"dataset", "model"});

  return experiment.main(argc, argv, [&] {
    std::vector<Setting> settings;
    for (const std::string& dataset : experiment.names("datasets")) {
      for (const std::string& model : experiment.names("models"))
        settings.push_back({dataset, model, {{"dataset", dataset}, {"model", model}}});
    }
    const double label = 1 - experiment.config(0).smoothing;
    // The teacher is another network than the one that the methods are compared with.
    const std::vector<Method> methods = {
        {.name = "teacher", .title = "", .changes = {{"loss", "ce"}}, .stage = 1, .shown = false},
        {"ce", "cross entropy", {{"loss", "ce"}}},
        {"ls", "label smoothing", {{"loss", "ls"}}},
        {"beta", "Beta smoothing", {{"loss", "beta"}, {"effective_label", label}}},
        {"sd", "self-distillation", {{"loss", "sd"}, {"effective_label", label}}, "teacher"}};
    const std::vector<Measured> measured =
        experiment.run(comparison_runs(experiment, methods, settings));
    if (measured.empty()) return;
    experiment.publish(comparison_figure("Soft labels compared", measured, methods, settings),
                       measured, claims(settings));
  });
}
