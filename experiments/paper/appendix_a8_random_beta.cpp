// SPDX-License-Identifier: MIT
// Appendix A.8: Beta labels given by the rank of the confidence, against at random
#include "experiments/paper/comparison.h"

namespace experiments {
namespace {

std::vector<Method> methods(const Parameters& parameters) {
  const double label = parameters.effective_label();
  return {{"ce", {{"loss", "ce"}}},
          {"ls", {{"loss", "ls"}}},
          {"random", {{"loss", "beta"}, {"effective_label", label}, {"beta_ranking", "random"}}},
          {"beta", {{"loss", "beta"}, {"effective_label", label}}}};
}

std::vector<Claim> claims(const Parameters&, const Results&) {
  return {{"ranking_beats_random",
           "Beta labels by rank make a more accurate network than at random.",
           "Appendix A.8 (our reading)",
           {better("test_accuracy", "beta", "random")}}};
}

}  // namespace

Experiment appendix_a8_random_beta() {
  return comparison(
      {.stem = "appendix_a8",
       .title = "Appendix A.8: Beta smoothing with the draws sorted by the EMA model's confidence, "
                "and with the same draws given at random.",
       .presets = standard_presets(Json::object()),
       .hide_options = {"beta-ranking"},
       .claims = claims},
      "Ranked and random Beta labels", methods);
}

}  // namespace experiments
