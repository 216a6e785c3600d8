// SPDX-License-Identifier: MIT
// Beyond the paper: self-distillation without a teacher, controls of Beta smoothing and of compute
#include "experiments/paper/comparison.h"

namespace experiments {
namespace {

std::vector<Method> methods(const Parameters& parameters) {
  const double label = parameters.effective_label();
  const RunConfig base = parameters.base_config();
  Json twice = {{"loss", "ce"}, {"epochs", 2 * base.epochs}, {"max_steps", 2 * base.max_steps}};
  for (const int milestone : base.milestones) twice["milestones"].push_back(2 * milestone);
  const auto beta_at = [label](const char* ranking) {
    return Json{{"loss", "beta"}, {"effective_label", label}, {"beta_ranking", ranking}};
  };
  return {hidden_teacher(),
          {"ce", {{"loss", "ce"}}},
          {"ce-long", twice},
          {"ce-average", {{"loss", "ce"}, {"evaluate_ema", true}, {"ema_init", "copy"}}},
          {"ls", {{"loss", "ls"}}},
          {"ols", {{"loss", "ols"}}},
          {"pskd", {{"loss", "pskd"}}},
          {"zipf", {{"loss", "zipf"}}},
          {"reversed", beta_at("reversed")},
          {"random", beta_at("random")},
          {"beta", {{"loss", "beta"}, {"effective_label", label}}},
          {"wttm",
           {{"loss", "sd"}, {"effective_label", label}, {"teacher_labels", "weighted"}},
           "teacher"},
          {"sd", {{"loss", "sd"}, {"effective_label", label}}, "teacher"}};
}

/// What the methods' own papers hold, and whether more compute explains a teacher.
std::vector<Claim> claims(const Parameters&, const Results&) {
  const std::string ours = "our reading";
  const auto beats = [](const char* left, const char* right) {
    return better("test_accuracy", left, right);
  };
  return {{"pskd_beats_ls",
           "PS-KD is more accurate than label smoothing.",
           "Kim et al. 2021 (" + ours + ")",
           {beats("pskd", "ls")}},
          {"ols_beats_ls",
           "Online label smoothing is more accurate than label smoothing.",
           "Zhang et al. 2021 (" + ours + ")",
           {beats("ols", "ls")}},
          {"zipf_beats_ls",
           "Zipf's label smoothing is more accurate than label smoothing.",
           "Liang et al. 2022 (" + ours + ")",
           {beats("zipf", "ls")}},
          {"weights_matter",
           "WTTM's weights, large where the teacher is unsure, add to self-distillation.",
           "Zheng & Yang 2024 (" + ours + ")",
           {beats("wttm", "sd")}},
          {"a_teacher_beats_history",
           "A teacher teaches more than what the network itself said an epoch before.",
           ours,
           {beats("sd", "pskd"), beats("sd", "ols")}},
          {"beta_beats_history",
           "So does Beta smoothing, which takes only a ranking from the network.",
           ours,
           {beats("beta", "pskd"), beats("beta", "ols")}},
          {"order_matters",
           "Beta labels in the order of confidence beat those in reverse order.",
           "Appendix A.8 (" + ours + ")",
           {beats("beta", "reversed")}},
          {"compute_does_not_explain_sd",
           "Self-distillation beats cross entropy for the epochs of teacher and student together, "
           "and with averaged weights.",
           ours,
           {beats("sd", "ce-long"), beats("sd", "ce-average")}}};
}

}  // namespace

Experiment beyond_methods() {
  return comparison(
      {.stem = "beyond_methods",
       .title =
           "Beyond the paper: PS-KD and online label smoothing, which learn from the network's "
           "own predictions an epoch before; Zipf's label smoothing, from its ranking; Beta labels "
           "in reverse order; and cross entropy for twice the epochs or with averaged weights.",
       .presets = standard_presets(Json::object()),
       .hide_options = {"beta-ranking", "evaluate-ema", "ema-init", "teacher-labels"},
       .claims = claims},
      "Methods of other papers", methods);
}

}  // namespace experiments
