// SPDX-License-Identifier: MIT
#include "experiments/report/curves.h"

#include <algorithm>

#include "experiments/analysis/words.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

void add_point(Curve& curve, double x, const SeedGroup& repeats, const Metric& q) {
  const auto i = repeats.interval_of(q);
  curve.x.push_back(x);
  curve.y.push_back(i ? std::optional(i->mean * q.scale) : std::nullopt);
  curve.half_width.push_back(i ? i->half_width * q.scale : 0);
  std::vector<double>& singles = curve.repeats.emplace_back();
  for (const FinishedRun* run : repeats.runs) {
    if (const auto value = q.of(run->result)) singles.push_back(*value * q.scale);
  }
}

}  // namespace

Curve curve_of(std::span<const FinishedRun> measured, std::string_view factor, const Metric& q,
               std::string label) {
  Curve curve;
  curve.label = std::move(label);
  std::vector<SeedGroup> groups = seed_groups(measured);
  const auto x_of = [key = std::string(factor)](const SeedGroup& g) {
    kernels::require(g.factors.contains(key), "figure: run {} has no {}", g.runs.front()->name,
                     key);
    return g.factors.at(key).get<double>();
  };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const SeedGroup& a, const SeedGroup& b) { return x_of(a) < x_of(b); });
  for (const SeedGroup& group : groups) add_point(curve, x_of(group), group, q);
  return curve;
}

Curve curve_through(std::span<const FinishedRun> measured, const std::vector<Point>& points,
                    const Metric& q, std::string label) {
  Curve curve;
  curve.label = std::move(label);
  for (const Point& point : points) {
    const std::vector<FinishedRun> runs = select(measured, point.factors);
    const std::vector<SeedGroup> groups = seed_groups(runs);
    kernels::require(groups.size() == 1, "figure: {} kinds of runs have {}, should be 1",
                     groups.size(), factors_text(point.factors));
    add_point(curve, point.x, groups.front(), q);
  }
  return curve;
}

Figure figure_of(std::string title, const std::string& x_label, std::span<const Titled> metrics,
                 const std::function<std::vector<Curve>(const Metric&)>& curves) {
  Figure figure{.title = std::move(title), .caption = {}, .panels = {}};
  for (const Titled& shown : metrics) {
    const Metric& q = metric(shown.metric);
    figure.panels.push_back({.title = std::string(shown.title),
                             .x_label = x_label,
                             .y_label = std::string(q.title),
                             .curves = curves(q),
                             .range = q.range_on_axis()});
  }
  return figure;
}

}  // namespace experiments
