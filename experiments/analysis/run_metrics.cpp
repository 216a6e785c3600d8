// SPDX-License-Identifier: MIT
#include "experiments/analysis/run_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/metrics/metric_list.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

using Value = std::optional<double>;

const Metrics* optional_metrics(const std::optional<Metrics>& m) { return m ? &*m : nullptr; }

struct Measured {
  Samples samples;
  const char *key, *title;
  const Metrics* (*in)(const RunResult&);
  Metrics& (*made_in)(RunResult&);
};

Metrics& made(std::optional<Metrics>& m) { return m ? *m : m.emplace(); }

constexpr Measured measured[] = {
    {on_test, "test", "test", [](const RunResult& r) { return &r.test; },
     [](RunResult& r) -> Metrics& { return r.test; }},
    {on_validation, "val", "validation",
     [](const RunResult& r) { return optional_metrics(r.validation); },
     [](RunResult& r) -> Metrics& { return made(r.validation); }},
    {on_train, "train", "training", [](const RunResult& r) { return &r.train; },
     [](RunResult& r) -> Metrics& { return r.train; }},
    {of_teacher, "teacher", "teacher",
     [](const RunResult& r) { return optional_metrics(r.teacher); },
     [](RunResult& r) -> Metrics& { return made(r.teacher); }}};

Value value_of(const MetricRow& row, const Metrics* m) {
  if (m == nullptr) return std::nullopt;
  // The mean of bounds is no temperature.
  if (row.section == MetricRow::Section::scaled && m->scaled && m->scaled->at_bound())
    return std::nullopt;
  const Value value = row.get(*m);
  return value && std::isnan(*value) ? std::nullopt : value;
}

constexpr Range positive{.least = 0, .above = true};

Metric solved(const char* column, const char* key, const char* title) {
  return {column,
          title,
          1,
          [key](const RunResult& r) {
            const auto found = r.solved.find(key);
            return found == r.solved.end() ? std::nullopt : Value(found->get<double>());
          },
          [key](RunResult& r, double value) { r.solved[key] = value; },
          positive};
}

std::vector<Metric> make_list() {
  std::vector<Metric> all;
  for (const Measured& on : measured)
    for (const MetricRow& row : metric_rows())
      if (row.samples & on.samples)
        all.push_back({fmt::format("{}_{}", on.key, row.column),
                       fmt::format(fmt::runtime(row.title), on.title),
                       row.unit == MetricRow::Unit::share ? 100.0 : 1.0,
                       [&on, &row](const RunResult& r) { return value_of(row, on.in(r)); },
                       [&on, &row](RunResult& r, double value) { row.set(on.made_in(r), value); },
                       row.range});
  all.push_back(
      {"teacher_mean_true_class_probability", "mean soft label of the true class", 1,
       [](const RunResult& r) { return r.teacher ? Value(r.teacher->mean_p_true) : std::nullopt; },
       [](RunResult& r, double value) { made(r.teacher).mean_p_true = value; }, from(0, 1)});
  all.push_back({"effective_label", "mean label of the true class, as trained on", 1,
                 [](const RunResult& r) { return r.effective_label; },
                 [](RunResult& r, double value) { r.effective_label = value; }, from(0, 1)});
  all.push_back(solved("solved_temperature", "temperature", "solved temperature of the teacher"));
  all.push_back(solved("solved_beta_a", "beta_a", "solved a of Beta(a, 1)"));
  return all;
}

}  // namespace

std::span<const Metric> all_metrics() {
  static const std::vector<Metric> all = make_list();
  return all;
}

const Metric& metric(std::string_view key) {
  const auto found = std::ranges::find(all_metrics(), key, &Metric::key);
  kernels::require(found != all_metrics().end(), "results: there is no metric {}", key);
  return *found;
}

}  // namespace experiments
