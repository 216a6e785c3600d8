// SPDX-License-Identifier: MIT
// Appendix A.4: three strengths of label smoothing, and the other methods to match
#include <fmt/format.h>

#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"

using namespace experiments;

int main(int argc, char** argv) {
  std::vector<Preset> presets = standard_presets({{"strengths", {0.1, 0.15, 0.3}}});
  presets[1].settings["strengths"] = {0.25, 0.3, 0.35};  // weaker needs a more confident teacher
  Experiment experiment(
      "appendix_a4", "appendix_a4_smoothing_strength",
      "Appendix A.4: the strength of smoothing. At each, self-distillation and Beta "
      "smoothing have the same mean label of the true class, 1 - strength.",
      std::move(presets));
  experiment.add_numbers("strengths", "probability taken from the true class", f32_below_1);
  experiment.decides({"smoothing"});

  return experiment.main(argc, argv, [&] {
    const std::vector<double> strengths = experiment.numbers("strengths");
    const auto methods = {std::pair{"ls", "label smoothing"},
                          {"beta", "Beta smoothing"},
                          {"sd", "self-distillation"}};
    std::vector<Run> runs;
    for (int seed = 0; seed < experiment.number("seeds"); ++seed) {
      const auto add = [&](const std::string& name, const Json& factors, const RunConfig& config,
                           const std::string& teacher = "") {
        Json all = factors;
        all["seed"] = seed;
        runs.push_back({fmt::format("seed{}-{}", seed, name), all, config, teacher});
        return runs.back().name;
      };
      const std::string teacher =
          add("teacher", {{"method", "teacher"}}, experiment.config(seed, 1, {{"loss", "ce"}}));
      add("ce", {{"method", "ce"}}, experiment.config(seed, 0, {{"loss", "ce"}}));
      for (const double strength : strengths) {
        const auto name = [&](const char* method) {
          return fmt::format("{}-{}", method, strength);
        };
        const auto factors = [&](const char* method) {
          return Json{{"method", method}, {"strength", strength}};
        };
        const auto matched = [&](const char* loss) {
          return experiment.config(seed, 0, {{"loss", loss}, {"effective_label", 1 - strength}});
        };
        add(name("ls"), factors("ls"),
            experiment.config(seed, 0, {{"loss", "ls"}, {"smoothing", strength}}));
        add(name("beta"), factors("beta"), matched("beta"));
        add(name("sd"), factors("sd"), matched("sd"), teacher);
      }
    }
    const std::vector<Measured> measured = experiment.run(runs);
    if (measured.empty()) return;

    Figure figure{.title = "Strength of smoothing", .caption = {}, .panels = {}};
    std::vector<Claim> claims;
    for (const auto& [key, title] : {std::pair{"test_accuracy", "Test accuracy"},
                                     {"test_ece", "Expected calibration error"}}) {
      const Quantity& q = quantity(key);
      const Curve ce = curve_through(measured, {{0, {{"method", "ce"}}}}, q);
      Panel panel{.title = title,
                  .x_label = "probability taken from the true class, on average",
                  .y_label = std::string(q.title),
                  .curves = {}};
      if (ce.y.front()) panel.levels = {{"cross entropy", *ce.y.front()}};
      Claim claim{fmt::format("beats_ce_{}", key),
                  fmt::format("Every method beats cross entropy at every strength: {}.", q.title),
                  "Appendix A.4",
                  {}};
      for (const auto& [method, label] : methods) {
        panel.curves.push_back(
            curve_of(select(measured, {{"method", method}}), "strength", q, label));
        for (const double strength : strengths)
          claim.comparisons.push_back({key,
                                       {{"method", method}, {"strength", strength}},
                                       {{"method", "ce"}},
                                       std::string_view(key) == "test_accuracy"});
      }
      figure.panels.push_back(panel);
      claims.push_back(claim);
    }
    experiment.publish(figure, measured, claims);
  });
}
