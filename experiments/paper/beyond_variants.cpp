// SPDX-License-Identifier: MIT
// Beyond the paper: sample weights, entropy regularisation, smoothed teachers, variants of the EMA
#include <fmt/format.h>

#include "experiments/paper/comparison.h"

namespace experiments {
namespace {

std::vector<Method> methods(const Parameters& parameters) {
  const double label = parameters.effective_label();
  const auto matched = [label](const char* loss, const Json& more = Json::object()) {
    Json changes = {{"loss", loss}, {"effective_label", label}};
    changes.update(more);
    return changes;
  };
  std::vector<Method> all = {
      hidden_teacher(),
      hidden_teacher("smoothed-teacher", "ls"),
      {"ce", {{"loss", "ce"}}},
      {"ls", {{"loss", "ls"}}},
      {"sd", matched("sd"), "teacher"},
      {"omega", matched("sd", {{"omega", true}}), "teacher"},
      {"smoothed", matched("sd"), "smoothed-teacher"},
      {"beta", matched("beta")},
      {"copy", matched("beta", {{"ema_init", "copy"}})},
      {"averaged",
       matched("beta", {{"ema_init", "copy"}, {"ema_mode", "eval"}, {"ema_buffers", "averaged"}})}};
  for (const double weight : parameters.numbers("entropy_weights"))
    all.push_back({fmt::format("entropy{}", weight), {{"loss", "ce"}, {"entropy_weight", weight}}});
  return all;
}

std::vector<Claim> claims(const Parameters&, const Results&) {
  Claim omega{"omega_makes_no_difference",
              "The weights omega make no difference to self-distillation that counts.",
              "our reading of Section 5.2",
              {}};
  for (const char* key : {"test_accuracy", "test_nll", "test_ece"})
    omega.comparisons.push_back(same(key, "omega", "sd"));
  return {omega};
}

}  // namespace

Experiment beyond_variants() {
  return comparison(
      {.stem = "beyond_variants",
       .title =
           "Beyond the paper: Eq. 10's sample weights omega (over their mean), which it derives "
           "and leaves out; entropy regularisation; a teacher trained with label smoothing; and "
           "other moving averages for Beta smoothing.",
       .presets = standard_presets({{"entropy_weights", {0.1}}}),
       .options = {numbers_option("entropy-weights",
                                  "of entropy regularisation, a network for each", f32_any)},
       .hide_options = {"entropy-weight", "ema-init", "ema-mode", "ema-buffers"},
       .claims = claims},
      "Beyond the paper", methods);
}

}  // namespace experiments
