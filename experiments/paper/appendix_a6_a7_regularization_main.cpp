// SPDX-License-Identifier: MIT
// Appendix A.6, A.7: self-distillation under other weight decays and with fewer training images
#include <fmt/format.h>

#include "experiments/paper/experiment.h"
#include "experiments/report/curves.h"

using namespace experiments;

namespace {

/// A factor that is swept: its values, and the setting that it changes.
struct Sweep {
  const char *factor, *title;
  std::vector<double> values;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<Preset> presets =
      standard_presets({{"weight_decays", {1e-5, 1e-4, 1e-3}}, {"sizes", {500, 1000, 2000}}});
  presets[1].settings["sizes"] = {1000, 2000, 4000};
  presets[2].settings["sizes"] = {11250, 22500, 45000};
  Experiment experiment(
      "appendix_a6_a7", "appendix_a6_a7_regularization",
      "Appendix A.6 and A.7, distillation as regularisation: cross entropy and self-distillation "
      "by "
      "weight decay and by size of the training set. The text of these two is not available; the "
      "sweeps are this project's reading.",
      std::move(presets));
  experiment.add_numbers("weight-decays", "a teacher and a student for each", f32_from_0);
  experiment.add_sizes("sizes", "of the training set; a teacher and a student for each");

  return experiment.main(argc, argv, [&] {
    const Sweep sweeps[] = {{"weight_decay", "weight decay", experiment.numbers("weight_decays")},
                            {"train_limit", "training images", experiment.numbers("sizes")}};
    std::vector<Run> runs;
    for (const Sweep& sweep : sweeps) {
      for (int seed = 0; seed < experiment.number("seeds"); ++seed) {
        for (const double value : sweep.values) {
          const auto add = [&](const char* method, Json changes, int stage,
                               const std::string& teacher = "") {
            const bool whole = std::string_view(sweep.factor) == "train_limit";
            changes[sweep.factor] = whole ? Json(int(value)) : Json(value);
            const std::string name =
                fmt::format("{}{}-seed{}-{}", sweep.factor, value, seed, method);
            runs.push_back({name,
                            {{"sweep", sweep.factor},
                             {sweep.factor, value},
                             {"seed", seed},
                             {"method", method}},
                            experiment.config(seed, stage, changes),
                            teacher});
            return name;
          };
          const std::string teacher = add("teacher", {{"loss", "ce"}}, 1);
          add("ce", {{"loss", "ce"}}, 0);
          add("sd", {{"loss", "sd"}}, 0, teacher);
        }
      }
    }
    const std::vector<Measured> measured = experiment.run(runs);
    if (measured.empty()) return;

    Figure figure{.title = "Self-distillation as regularisation", .caption = {}, .panels = {}};
    std::vector<Claim> claims;
    for (const Sweep& sweep : sweeps) {
      const Quantity& q = quantity("test_accuracy");
      Panel panel{.title = fmt::format("By {}", sweep.title),
                  .x_label = sweep.title,
                  .y_label = std::string(q.title),
                  .curves = {},
                  .log_x = true};
      for (const auto& [method, label] :
           {std::pair{"ce", "cross entropy"}, {"sd", "self-distillation"}})
        panel.curves.push_back(
            curve_of(select(measured, {{"sweep", sweep.factor}, {"method", method}}), sweep.factor,
                     q, label));
      figure.panels.push_back(panel);
      Claim claim{fmt::format("sd_beats_ce_by_{}", sweep.factor),
                  fmt::format("Self-distillation is more accurate than cross entropy at every {}.",
                              sweep.title),
                  "Appendix A.6, A.7 (our reading)",
                  {}};
      for (const double value : sweep.values)
        claim.comparisons.push_back({"test_accuracy",
                                     {{"method", "sd"}, {sweep.factor, value}},
                                     {{"method", "ce"}, {sweep.factor, value}}});
      claims.push_back(claim);
    }
    experiment.publish(figure, measured, claims);
  });
}
