// SPDX-License-Identifier: MIT
// Appendix A.4: three strengths of label smoothing, and the other methods to match
#include <fmt/format.h>

#include "experiments/harness/experiment.h"
#include "experiments/report/curves.h"

namespace experiments {
namespace {

constexpr std::pair<const char*, const char*> methods[] = {
    {"ls", "label smoothing"}, {"beta", "Beta smoothing"}, {"sd", "self-distillation"}};

std::vector<Run> runs(const Parameters& parameters) {
  return for_each_seed(parameters, [&](int seed, RunList& all) {
    const std::string teacher = fmt::format("seed{}-teacher", seed);
    all.push_back({teacher,
                   {{"method", "teacher"}, {"seed", seed}},
                   parameters.config(seed, 1, {{"loss", "ce"}})});
    all.push_back({fmt::format("seed{}-ce", seed),
                   {{"method", "ce"}, {"seed", seed}},
                   parameters.config(seed, 0, {{"loss", "ce"}})});
    for (const double strength : parameters.numbers("strengths")) {
      for (const auto& [method, title] : methods) {
        const std::string_view loss = method;
        Json changes = {{"loss", loss}};
        changes[loss == "ls" ? "smoothing" : "effective_label"] =
            loss == "ls" ? strength : 1 - strength;
        all.push_back({fmt::format("seed{}-{}-{}", seed, method, strength),
                       {{"method", method}, {"strength", strength}, {"seed", seed}},
                       parameters.config(seed, 0, changes),
                       loss == "sd" ? teacher : ""});
      }
    }
  });
}

Figure figure(const Parameters&, const Results& results) {
  Figure figure =
      figure_of("Strength of smoothing", "probability taken from the true class, on average",
                accuracy_and_ece, [&](const Metric& q) {
                  std::vector<Curve> curves;
                  for (const auto& [method, title] : methods)
                    curves.push_back(
                        curve_of(select(results.runs, {{"method", method}}), "strength", q, title));
                  return curves;
                });
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const Curve ce =
        curve_through(results.runs, {{0, {{"method", "ce"}}}}, metric(accuracy_and_ece[i].metric));
    if (ce.y.front()) figure.panels[i].levels = {{"cross entropy", *ce.y.front()}};
  }
  return figure;
}

std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  std::vector<Claim> all;
  for (const auto& [key, title] : accuracy_and_ece) {
    Claim claim{
        fmt::format("beats_ce_{}", key),
        fmt::format("Every method beats cross entropy at every strength: {}.", metric(key).title),
        "Appendix A.4 (our reading)",
        {}};
    for (const auto& [method, label] : methods)
      for (const double strength : parameters.numbers("strengths"))
        claim.comparisons.push_back({std::string(key),
                                     {{"method", method}, {"strength", strength}},
                                     {{"method", "ce"}},
                                     key == "test_accuracy" ? Claimed::greater : Claimed::smaller});
    all.push_back(claim);
  }
  return all;
}

std::vector<Preset> presets() {
  std::vector<Preset> all = standard_presets({{"strengths", {0.1, 0.15, 0.3}}});
  // Weaker smoothing needs a more confident teacher.
  settings_of(all, "reduced")["strengths"] = {0.25, 0.3, 0.35};
  return all;
}

}  // namespace

Experiment appendix_a4_smoothing_strength() {
  Range strength = f32_below_1;
  strength.above = true;  // none is cross entropy
  return {
      .stem = "appendix_a4",
      .title =
          "Appendix A.4: the strength of smoothing. At each, self-distillation and Beta "
          "smoothing have the same mean label of the true class, 1 - strength.",
      .presets = presets(),
      .options = {numbers_option("strengths", "probability taken from the true class", strength)},
      .hide_options = {"smoothing"},
      .runs = runs,
      .figure = figure,
      .claims = claims};
}

}  // namespace experiments
