// SPDX-License-Identifier: MIT
// Figure 3: cross entropy, label smoothing, Beta smoothing and self-distillation of equal strength
#include "experiments/paper/comparison.h"

namespace experiments {
namespace {

/// Every data set with every network.
std::vector<Setting> settings(const Parameters& parameters) {
  std::vector<Setting> all;
  for (const std::string& dataset : parameters.names("datasets")) {
    for (const std::string& model : parameters.names("models"))
      all.push_back({dataset, model, {{"dataset", dataset}, {"model", model}}});
  }
  return all;
}

std::vector<Method> methods(const Parameters& parameters) {
  const double label = parameters.effective_label();
  // The teacher is another network than the one that the methods are compared with.
  return {hidden_teacher(),
          {"ce", {{"loss", "ce"}}},
          {"ls", {{"loss", "ls"}}},
          {"beta", {{"loss", "beta"}, {"effective_label", label}}},
          {"sd", {{"loss", "sd"}, {"effective_label", label}}, "teacher"}};
}

/// The statements of Section 7.2, each over all data sets and networks at hand, as strict as there.
std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  const std::string source = "Section 7.2, Figure 3";
  Claim accuracy{
      "methods_beat_ce_accuracy", "Every method is more accurate than cross entropy.", source, {}};
  Claim ece{
      "methods_beat_ce_ece", "Every method is better calibrated than cross entropy.", source, {}};
  Claim sd_ece{"sd_beats_ls_ece",
               "Self-distillation is in general better calibrated than label smoothing.",
               source,
               {},
               Needed::most};
  Claim beta_ece{
      "beta_beats_ls_ece", "Beta smoothing is better calibrated than label smoothing.", source, {}};
  Claim beta_sd_ece{"beta_beats_sd_ece",
                    "Beta smoothing is better calibrated than self-distillation in a majority of "
                    "the experiments.",
                    source,
                    {},
                    Needed::most};
  Claim sd{"sd_beats_ls_accuracy",
           "Self-distillation is more accurate than label smoothing.",
           source,
           {}};
  Claim beta{"beta_beats_ls_accuracy",
             "Beta smoothing is more accurate than label smoothing, but for CIFAR-100 with ResNet.",
             source,
             {}};
  Claim comparable{"beta_comparable_to_sd",
                   "On CUB-200 Beta smoothing is as accurate as self-distillation.",
                   source,
                   {}};
  for (const Setting& setting : settings(parameters)) {
    for (const char* method : {"ls", "beta", "sd"}) {
      accuracy.comparisons.push_back(better("test_accuracy", method, "ce", setting));
      ece.comparisons.push_back(better("test_ece", method, "ce", setting));
    }
    sd_ece.comparisons.push_back(better("test_ece", "sd", "ls", setting));
    beta_ece.comparisons.push_back(better("test_ece", "beta", "ls", setting));
    beta_sd_ece.comparisons.push_back(better("test_ece", "beta", "sd", setting));
    sd.comparisons.push_back(better("test_accuracy", "sd", "ls", setting));
    if (setting.panel != "cifar100" || !setting.title.starts_with("resnet"))
      beta.comparisons.push_back(better("test_accuracy", "beta", "ls", setting));
    if (setting.panel.starts_with("cub200"))
      comparable.comparisons.push_back(same("test_accuracy", "beta", "sd", setting));
  }
  std::vector<Claim> all = {accuracy, ece, sd_ece, beta_ece, beta_sd_ece, sd, beta, comparable};
  std::erase_if(all, [](const Claim& claim) { return claim.comparisons.empty(); });
  return all;
}

std::vector<Preset> presets() {
  std::vector<Preset> all = standard_presets({{"models", {"resnet8", "densenet-bc-16-12"}}},
                                             {{"models", {"resnet34", "densenet-bc-100-12"}}});
  for (Preset& preset : all) {
    preset.settings["datasets"] = Json::array({preset.settings.at("dataset")});
    preset.settings.erase("dataset");
    preset.settings.erase("model");
  }
  settings_of(all, "medium")["models"] = {"resnet18-imagenet"};
  settings_of(all, "paper")["datasets"] = {"cifar100", "cub200-2010", "tiny-imagenet"};
  return all;
}

}  // namespace

Experiment figure3_comparison() {
  return comparison(
      {.stem = "figure3",
       .title =
           "Figure 3: cross entropy, label smoothing, Beta smoothing and self-distillation at "
           "the same mean label of the true class, for which a and the temperature are solved.",
       .presets = presets(),
       .options = {names_option("dataset", "train on each of these", "datasets"),
                   names_option("model", "train each of these", "models")},
       .hide_options = {"dataset", "model"},
       .claims = claims},
      "Soft labels compared", methods, settings);
}

}  // namespace experiments
