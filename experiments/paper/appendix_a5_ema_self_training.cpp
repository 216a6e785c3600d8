// SPDX-License-Identifier: MIT
// Appendix A.5: learning from the moving average's own predictions, against Beta smoothing
#include "experiments/paper/comparison.h"

namespace experiments {
namespace {

std::vector<Method> methods(const Parameters& parameters) {
  const double label = parameters.effective_label();
  return {{"ce", {{"loss", "ce"}}},
          {"ls", {{"loss", "ls"}}},
          {"ema", {{"loss", "ema"}}},
          {"beta", {{"loss", "beta"}, {"effective_label", label}}}};
}

std::vector<Claim> claims(const Parameters&, const Results&) {
  return {{"beta_beats_ema",
           "Beta smoothing is more accurate than self-training on the EMA's predictions.",
           "Appendix A.5 (our reading)",
           {better("test_accuracy", "beta", "ema")}}};
}

}  // namespace

Experiment appendix_a5_ema_self_training() {
  return comparison(
      {.stem = "appendix_a5",
       .title = "Appendix A.5: self-training on the softmax of the moving average of the network, "
                "which Beta smoothing takes only a ranking from.",
       .presets = standard_presets(Json::object()),
       .claims = claims},
      "EMA predictions as labels", methods);
}

}  // namespace experiments
