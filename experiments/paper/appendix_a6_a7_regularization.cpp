// SPDX-License-Identifier: MIT
// Appendix A.6, A.7: self-distillation under other weight decays and with fewer training images
#include <fmt/format.h>

#include "experiments/harness/experiment.h"
#include "experiments/report/curves.h"

namespace experiments {
namespace {

/// A factor that is swept: its values, and the setting that it changes.
struct Sweep {
  const char *factor, *title;
  std::vector<double> values;
};

std::vector<Sweep> sweeps(const Parameters& parameters) {
  return {{"weight_decay", "weight decay", parameters.numbers("weight_decays")},
          {"train_limit", "training images", parameters.numbers("sizes")}};
}

/// A teacher, a network like it, and a student, at each value of each sweep.
std::vector<Run> runs(const Parameters& parameters) {
  RunList all;
  for (const Sweep& sweep : sweeps(parameters)) {
    const std::string factor = sweep.factor;
    for (int seed = 0; seed < parameters.number("seeds"); ++seed) {
      for (const double value : sweep.values) {
        const auto name = [&](const char* method) {
          return fmt::format("{}{}-seed{}-{}", factor, value, seed, method);
        };
        const auto add = [&](const char* method, const char* loss, int init_group,
                             const std::string& teacher = "") {
          Json changes = {{"loss", loss}};
          changes[factor] = factor == "train_limit" ? Json(int(value)) : Json(value);
          all.push_back({name(method),
                         {{"sweep", factor}, {factor, value}, {"seed", seed}, {"method", method}},
                         parameters.config(seed, init_group, changes),
                         teacher});
        };
        add("teacher", "ce", 1);
        add("ce", "ce", 0);
        add("sd", "sd", 0, name("teacher"));
      }
    }
  }
  return all.take();
}

Figure figure(const Parameters& parameters, const Results& results) {
  const Metric& q = metric("test_accuracy");
  Figure figure{.title = "Self-distillation as regularisation", .caption = {}, .panels = {}};
  for (const Sweep& sweep : sweeps(parameters)) {
    Panel panel{.title = fmt::format("By {}", sweep.title),
                .x_label = sweep.title,
                .y_label = std::string(q.title),
                .curves = {},
                .range = q.range_on_axis(),
                .log_x = true};
    for (const auto& [method, label] :
         {std::pair{"ce", "cross entropy"}, {"sd", "self-distillation"}})
      panel.curves.push_back(
          curve_of(select(results.runs, {{"sweep", sweep.factor}, {"method", method}}),
                   sweep.factor, q, label));
    figure.panels.push_back(panel);
  }
  return figure;
}

std::vector<Claim> claims(const Parameters& parameters, const Results&) {
  std::vector<Claim> all;
  for (const Sweep& sweep : sweeps(parameters)) {
    Claim claim{fmt::format("sd_beats_ce_by_{}", sweep.factor),
                fmt::format("Self-distillation is more accurate than cross entropy at every {}.",
                            sweep.title),
                "Appendix A.6, A.7 (our reading)",
                {}};
    for (const double value : sweep.values)
      claim.comparisons.push_back({"test_accuracy",
                                   {{"method", "sd"}, {sweep.factor, value}},
                                   {{"method", "ce"}, {sweep.factor, value}}});
    all.push_back(claim);
  }
  return all;
}

std::vector<Preset> presets() {
  std::vector<Preset> all =
      standard_presets({{"weight_decays", {1e-5, 1e-4, 1e-3}}, {"sizes", {500, 1000, 2000}}});
  settings_of(all, "reduced")["sizes"] = {1000, 2000, 4000};
  settings_of(all, "paper")["sizes"] = {11250, 22500, 45000};
  return all;
}

}  // namespace

Experiment appendix_a6_a7_regularization() {
  return {
      .stem = "appendix_a6_a7",
      .title =
          "Appendix A.6 and A.7, distillation as regularisation: cross entropy and "
          "self-distillation by weight decay and by size of the training set. The text of "
          "these two is not available; the sweeps are this project's reading.",
      .presets = presets(),
      .options = {numbers_option("weight-decays", "a teacher and a student for each", f32_from_0),
                  sizes_option("sizes", "of the training set; a teacher and a student for each")},
      .runs = runs,
      .figure = figure,
      .claims = claims};
}

}  // namespace experiments
