// SPDX-License-Identifier: MIT
#include "experiments/analysis/results.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/system/files.h"

namespace experiments {

namespace {

Json number(const std::optional<double>& x) { return x ? Json(*x) : Json(); }

Json row_of(const FinishedRun& run) {
  Json row = {{"run", run.name}};
  row.update(run.factors);
  for (const Metric& q : all_metrics()) row[std::string(q.key)] = number(q.of(run.result));
  if (const auto& scaled = run.result.test.scaled; scaled && scaled->at_bound())
    row["test_fitted_temperature_at_bound"] = scaled->temperature;
  row["best_epoch"] = run.result.best_epoch;
  row["epochs"] = run.result.epochs;
  row["seconds"] = run.result.seconds;
  row["images_per_second"] = run.result.images_per_second;
  return row;
}

Json row_of(const SeedGroup& repeats) {
  Json row = repeats.factors;
  for (const Metric& q : all_metrics()) {
    const auto i = repeats.interval_of(q);
    const std::string key(q.key);
    row[key + "_mean"] = i ? Json(i->mean) : Json();
    row[key + "_half_width"] = i && i->count > 1 ? Json(i->half_width) : Json();
    row[key + "_stddev"] = i && i->count > 1 ? Json(i->stddev) : Json();
  }
  row["repeats"] = repeats.runs.size();
  return row;
}

Json row_of(const Difference& d) {
  Json row = {{"quantity", d.metric->key}};
  row.update(d.factors);
  const Interval& i = d.interval;
  row["against"] = d.against;
  row["mean"] = i.mean;
  row["low"] = i.count > 1 ? Json(i.mean - i.half_width) : Json();
  row["high"] = i.count > 1 ? Json(i.mean + i.half_width) : Json();
  row["seeds"] = i.count;
  return row;
}

/// None if a pair lacks a value, or if there is no pair.
std::optional<Interval> difference_by_seed(const SeedGroup& group, const SeedGroup& other,
                                           const Metric& q) {
  const auto seed_of = [](const FinishedRun& run) { return run.factors.value("seed", Json()); };
  std::vector<double> a, b;
  for (const FinishedRun* run : group.runs) {
    for (const FinishedRun* partner : other.runs) {
      if (seed_of(*run) != seed_of(*partner)) continue;
      const auto x = q.of(run->result), y = q.of(partner->result);
      if (!x || !y) return std::nullopt;
      a.push_back(*x);
      b.push_back(*y);
    }
  }
  if (a.empty()) return std::nullopt;
  return paired_difference(a, b);
}

/// A table with a column for each key that any row has; null and what a row lacks are empty cells.
std::string csv(const std::vector<Json>& rows) {
  std::vector<std::string> columns;
  for (const Json& row : rows) {
    auto at = columns.begin();  // a new column stands behind the one before it in its row
    for (const auto& [key, value] : row.items()) {
      const auto found = std::find(columns.begin(), columns.end(), key);
      at = 1 + (found == columns.end() ? columns.insert(at, key) : found);
    }
  }
  std::string text = fmt::format("{}\n", fmt::join(columns, ","));
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const Json value = row.value(column, Json());
      cells.push_back(value.is_null() ? "" : plain_text(value));
    }
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

}  // namespace

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_text(value);
}

std::string factors_text(const Json& factors) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : factors.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    parts.push_back(fmt::format("{} {}", name, plain_text(value)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool contains(const Json& factors, const Json& some) {
  return std::ranges::all_of(some.items(), [&](const auto& item) {
    const auto found = factors.find(item.key());
    return found != factors.end() && *found == item.value();
  });
}

std::vector<FinishedRun> select(std::span<const FinishedRun> measured, const Json& some) {
  std::vector<FinishedRun> selected;
  std::copy_if(measured.begin(), measured.end(), std::back_inserter(selected),
               [&](const FinishedRun& run) { return contains(run.factors, some); });
  return selected;
}

std::optional<Interval> SeedGroup::interval_of(const Metric& q) const {
  std::vector<double> values;
  for (const FinishedRun* run : runs) {
    const std::optional<double> value = q.of(run->result);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return interval(values);
}

std::vector<SeedGroup> seed_groups(std::span<const FinishedRun> measured) {
  std::vector<SeedGroup> groups;
  for (const FinishedRun& run : measured) {
    Json factors = run.factors;
    factors.erase("seed");
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const SeedGroup& g) { return g.factors == factors; });
    if (found == groups.end()) {
      groups.push_back({factors, {&run}});
    } else {
      found->runs.push_back(&run);
    }
  }
  return groups;
}

std::vector<Difference> paired_differences(std::span<const FinishedRun> measured) {
  const std::vector<SeedGroup> groups = seed_groups(measured);
  std::vector<Difference> differences;
  for (const std::string against : {"ce", "ls"}) {
    for (const SeedGroup& group : groups) {
      if (!group.factors.contains("method") || group.factors["method"] == against) continue;
      for (const SeedGroup& other : groups) {
        Json expected = group.factors;
        expected["method"] = against;
        if (other.factors.value("method", Json()) != against || !contains(expected, other.factors))
          continue;
        for (const Metric& q : all_metrics()) {
          if (const auto interval = difference_by_seed(group, other, q))
            differences.push_back({&q, group.factors, against, *interval});
        }
      }
    }
  }
  return differences;
}

void write_results(const std::filesystem::path& directory, const Json& about,
                   std::span<const FinishedRun> measured) {
  std::vector<Json> runs, means, differences;
  for (const FinishedRun& run : measured) runs.push_back(row_of(run));
  for (const SeedGroup& group : seed_groups(measured)) means.push_back(row_of(group));
  for (const Difference& d : paired_differences(measured)) differences.push_back(row_of(d));
  const Json all = {
      {"about", about}, {"means", means}, {"differences", differences}, {"runs", runs}};
  write_file(directory / results_file, to_text(all, 2) + "\n");
  write_file(directory / "results.csv", csv(runs));
  write_file(directory / "summary.csv", csv(means));
  if (!differences.empty()) write_file(directory / "differences.csv", csv(differences));
}

}  // namespace experiments
