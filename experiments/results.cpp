// SPDX-License-Identifier: MIT
#include "experiments/results.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "experiments/files.h"
#include "kernels/error.h"

namespace experiments {

namespace {

constexpr auto all_quantities = std::to_array<Quantity>({
    {"test_accuracy", "test accuracy (%)", 100,
     [](const RunResult& r) { return std::optional(r.test.accuracy); }},
    {"test_nll", "test NLL (nats)", 1,
     [](const RunResult& r) { return std::optional(r.test.nll); }},
    {"test_ece", "test ECE (%)", 100, [](const RunResult& r) { return std::optional(r.test.ece); }},
    {"val_accuracy", "validation accuracy (%)", 100,
     [](const RunResult& r) {
       return r.validation ? std::optional(r.validation->accuracy) : std::nullopt;
     }},
    {"train_accuracy", "training accuracy (%)", 100,
     [](const RunResult& r) { return std::optional(r.train.accuracy); }},
    {"train_nll", "training NLL (nats)", 1,
     [](const RunResult& r) { return std::optional(r.train.nll); }},
    {"train_predictive_uncertainty", "predictive uncertainty (nats)", 1,
     [](const RunResult& r) { return std::optional(r.train.predictive_uncertainty); }},
    {"train_confidence_diversity", "confidence diversity (nats)", 1,
     [](const RunResult& r) { return r.train.diversity.headline(); }},
    {"train_confidence_variance", "variance of the confidence", 1,
     [](const RunResult& r) { return std::optional(r.train.diversity.variance); }},
    {"train_confidence_tie_share", "share of tied confidences (%)", 100,
     [](const RunResult& r) { return std::optional(r.train.diversity.tie_share); }},
    {"train_mean_true_class_probability", "mean probability of the true class", 1,
     [](const RunResult& r) { return std::optional(r.train.mean_p_true); }},
    {"teacher_predictive_uncertainty", "predictive uncertainty (nats)", 1,
     [](const RunResult& r) {
       return r.teacher ? std::optional(r.teacher->predictive_uncertainty) : std::nullopt;
     }},
    {"teacher_confidence_diversity", "confidence diversity (nats)", 1,
     [](const RunResult& r) { return r.teacher ? r.teacher->diversity.headline() : std::nullopt; }},
    {"teacher_mean_true_class_probability", "mean soft label of the true class", 1,
     [](const RunResult& r) {
       return r.teacher ? std::optional(r.teacher->mean_p_true) : std::nullopt;
     }},
});

Json number(const std::optional<double>& x) { return x ? Json(*x) : Json(); }

Json row_of(const Measured& run) {
  Json row = {{"run", run.name}};
  row.update(run.factors);
  for (const Quantity& q : quantities()) row[std::string(q.key)] = number(q.of(run.result));
  row["best_epoch"] = run.result.best_epoch;
  row["epochs"] = run.result.epochs;
  row["seconds"] = run.result.seconds;
  row["images_per_second"] = run.result.images_per_second;
  return row;
}

Json row_of(const Repeats& repeats) {
  Json row = repeats.factors;
  for (const Quantity& q : quantities()) {
    const auto i = repeats.interval_of(q);
    const std::string key(q.key);
    row[key + "_mean"] = i ? Json(i->mean) : Json();
    row[key + "_half_width"] = i && i->count > 1 ? Json(i->half_width) : Json();
    row[key + "_stddev"] = i && i->count > 1 ? Json(i->stddev) : Json();
  }
  row["repeats"] = repeats.runs.size();
  return row;
}

/// A table with a column for each key that any row has; null and what a row lacks are empty cells.
std::string csv(const std::vector<Json>& rows) {
  std::vector<std::string> columns;
  for (const Json& row : rows) {
    auto place = columns.begin();  // a new column stands behind the one before it in its row
    for (const auto& [key, value] : row.items()) {
      const auto found = std::find(columns.begin(), columns.end(), key);
      place = 1 + (found == columns.end() ? columns.insert(place, key) : found);
    }
  }
  std::string text = fmt::format("{}\n", fmt::join(columns, ","));
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const Json value = row.value(column, Json());
      cells.push_back(value.is_null()     ? ""
                      : value.is_string() ? value.get<std::string>()
                                          : value.dump());
    }
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

}  // namespace

std::string text_of(const Json& factors) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : factors.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    parts.push_back(
        fmt::format("{} {}", name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool contains(const Json& factors, const Json& some) {
  return std::ranges::all_of(some.items(), [&](const auto& item) {
    const auto found = factors.find(item.key());
    return found != factors.end() && *found == item.value();
  });
}

std::vector<Measured> select(std::span<const Measured> measured, const Json& some) {
  std::vector<Measured> selected;
  std::copy_if(measured.begin(), measured.end(), std::back_inserter(selected),
               [&](const Measured& run) { return contains(run.factors, some); });
  return selected;
}

std::span<const Quantity> quantities() { return all_quantities; }

const Quantity& quantity(std::string_view key) {
  const auto found = std::find_if(all_quantities.begin(), all_quantities.end(),
                                  [key](const Quantity& q) { return q.key == key; });
  kernels::require(found != all_quantities.end(), "results: there is no quantity {}", key);
  return *found;
}

std::optional<Interval> Repeats::interval_of(const Quantity& q) const {
  std::vector<double> values;
  for (const Measured* run : runs) {
    const std::optional<double> value = q.of(run->result);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return interval(values);
}

std::vector<Repeats> group_repeats(std::span<const Measured> measured) {
  std::vector<Repeats> groups;
  for (const Measured& run : measured) {
    Json factors = run.factors;
    factors.erase("seed");
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const Repeats& g) { return g.factors == factors; });
    if (found == groups.end()) {
      groups.push_back({factors, {&run}});
    } else {
      found->runs.push_back(&run);
    }
  }
  return groups;
}

void write_results(const std::filesystem::path& directory, const Json& about,
                   std::span<const Measured> measured) {
  std::vector<Json> runs, means;
  for (const Measured& run : measured) runs.push_back(row_of(run));
  for (const Repeats& group : group_repeats(measured)) means.push_back(row_of(group));
  const Json all = {{"about", about}, {"means", means}, {"runs", runs}};
  write_file(directory / "results.json", all.dump(2) + "\n");
  write_file(directory / "results.csv", csv(runs));
  write_file(directory / "summary.csv", csv(means));
}

}  // namespace experiments
