// SPDX-License-Identifier: MIT
#include "experiments/paper/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/analysis/words.h"
#include "experiments/report/curves.h"

namespace experiments {

namespace {

Json factors_of(const Setting& setting, const std::string& method) {
  Json factors = setting.changes;
  factors["method"] = method;
  return factors;
}

std::string run_name(const Setting& setting, int seed, const std::string& method) {
  std::string name;
  for (const std::string& part : {setting.panel, setting.title})
    if (!part.empty()) name += part + "-";
  return name + fmt::format("seed{}-{}", seed, method);
}

std::vector<Run> comparison_runs(const Parameters& parameters, const std::vector<Method>& methods,
                                 const std::vector<Setting>& settings) {
  RunList runs;
  for (const Setting& setting : settings) {
    for (int seed = 0; seed < parameters.number("seeds"); ++seed) {
      for (const Method& method : methods) {
        Json factors = factors_of(setting, method.name);
        factors["seed"] = seed;
        Json changes = setting.changes;
        changes.update(method.changes);
        runs.push_back({run_name(setting, seed, method.name), factors,
                        parameters.config(seed, method.init_group, changes),
                        method.teacher.empty() ? "" : run_name(setting, seed, method.teacher)});
      }
    }
  }
  return runs.take();
}

Figure comparison_figure(std::string title, const std::vector<FinishedRun>& measured,
                         const std::vector<Method>& methods, const std::vector<Setting>& settings) {
  std::vector<std::string> panels;
  for (const Setting& setting : settings)
    if (panels.empty() || panels.back() != setting.panel) panels.push_back(setting.panel);
  Figure figure{.title = std::move(title), .caption = {}, .panels = {}};
  figure.columns = int(panels.size());
  figure.width = std::max(figure.width, 450 * figure.columns);
  for (const Titled& shown : accuracy_and_ece) {
    const Metric& q = metric(shown.metric);
    for (const std::string& name : panels) {
      Panel panel{.title = value_words("dataset", name),
                  .x_label = "",
                  .y_label = std::string(q.title),
                  .curves = {},
                  .range = q.range_on_axis()};
      std::vector<Setting> groups;
      for (const Setting& setting : settings) {
        if (setting.panel != name) continue;
        groups.push_back(setting);
        panel.categories.push_back(value_words("model", setting.title));
      }
      for (const Method& method : methods) {
        if (!method.shown) continue;
        std::vector<Point> points;
        for (const Setting& setting : groups)
          points.push_back({double(points.size()), factors_of(setting, method.name)});
        panel.curves.push_back(
            curve_through(measured, points, q, value_words("method", method.name)));
      }
      figure.panels.push_back(panel);
    }
  }
  return figure;
}

}  // namespace

Method hidden_teacher(const std::string& name, const std::string& loss) {
  return {.name = name, .changes = {{"loss", loss}}, .init_group = 1, .shown = false};
}

Experiment comparison(Experiment experiment, std::string figure_title,
                      std::function<std::vector<Method>(const Parameters&)> methods,
                      std::function<std::vector<Setting>(const Parameters&)> settings) {
  experiment.runs = [methods, settings](const Parameters& p) {
    return comparison_runs(p, methods(p), settings(p));
  };
  experiment.figure = [methods = std::move(methods), settings = std::move(settings),
                       title = std::move(figure_title)](const Parameters& p, const Results& r) {
    return comparison_figure(title, r.runs, methods(p), settings(p));
  };
  return experiment;
}

Comparison better(const std::string& metric, const std::string& left, const std::string& right,
                  const Setting& setting) {
  return {metric, factors_of(setting, left), factors_of(setting, right),
          metric == "test_accuracy" ? Claimed::greater : Claimed::smaller};
}

Comparison same(const std::string& metric, const std::string& left, const std::string& right,
                const Setting& setting) {
  return {metric, factors_of(setting, left), factors_of(setting, right), Claimed::same};
}

}  // namespace experiments
