// SPDX-License-Identifier: MIT
#include "experiments/analysis/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "engine/system/files.h"
#include "experiments/analysis/image_sampling.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

constexpr const char* at_bound_key = "test_fitted_temperature_at_bound";

Json number(const std::optional<double>& x) { return x ? Json(*x) : Json(); }

Json row_of(const FinishedRun& run) {
  Json row = {{"run", run.name}};
  row.update(run.factors);
  for (const Metric& q : all_metrics()) row[std::string(q.key)] = number(q.of(run.result));
  if (const auto& scaled = run.result.test.scaled; scaled && scaled->at_bound())
    row[at_bound_key] = scaled->temperature;
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
  row["p"] = i.count > 1 ? Json(d.p) : Json();
  row["p_holm"] = i.count > 1 ? Json(d.p_holm) : Json();
  row["p_benjamini_hochberg"] = i.count > 1 ? Json(d.p_benjamini_hochberg) : Json();
  row["effect_size"] = number(hedges_g(i));
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

}  // namespace

bool contains(const Json& factors, const Json& some) {
  for (const auto& [key, value] : some.items()) {
    const auto found = factors.find(key);
    if (found == factors.end() || *found != value) return false;
  }
  return true;
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
  const OverImages& sampling = runs.front()->over_images;
  const auto found = sampling.variance.find(q.key);
  const double variance = found == sampling.variance.end() ? 0 : found->second;
  return with_image_variance(interval(values), variance, sampling.images);
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

std::vector<Difference> paired_differences(std::span<const FinishedRun> measured,
                                           const ImageSampling* images) {
  const std::vector<SeedGroup> groups = seed_groups(measured);
  std::vector<Difference> differences;
  for (const std::string against : {"ce", "ls"}) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const SeedGroup& group = groups[g];
      if (!group.factors.contains("method") || group.factors["method"] == against) continue;
      for (std::size_t o = 0; o < groups.size(); ++o) {
        const SeedGroup& other = groups[o];
        Json expected = group.factors;
        expected["method"] = against;
        if (other.factors.value("method", Json()) != against || !contains(expected, other.factors))
          continue;
        for (const Metric& q : all_metrics()) {
          auto interval = difference_by_seed(group, other, q);
          if (!interval) continue;
          if (images != nullptr) interval = images->widened(*interval, q.key, g, o);
          differences.push_back({&q, group.factors, against, *interval, p_value(*interval), 1, 1});
        }
      }
    }
  }
  for (const Metric& q : all_metrics()) {
    std::vector<double> p;
    for (const Difference& d : differences)
      if (d.metric == &q && d.interval.count > 1) p.push_back(d.p);
    const std::vector<double> by_holm = holm(p), by_share = benjamini_hochberg(p);
    std::size_t i = 0;
    for (Difference& d : differences)
      if (d.metric == &q && d.interval.count > 1) {
        d.p_holm = by_holm[i];
        d.p_benjamini_hochberg = by_share[i++];
      }
  }
  return differences;
}

void write_results(const std::filesystem::path& directory, const Json& about,
                   std::span<const FinishedRun> measured, const ImageSampling* images) {
  std::vector<Json> runs, means, differences;
  for (const FinishedRun& run : measured) runs.push_back(row_of(run));
  for (const SeedGroup& group : seed_groups(measured)) means.push_back(row_of(group));
  for (const Difference& d : paired_differences(measured, images)) differences.push_back(row_of(d));
  const Json all = {
      {"about", about}, {"means", means}, {"differences", differences}, {"runs", runs}};
  write_file(directory / results_file, to_text(all, 2) + "\n");
  write_file(directory / "results.csv", csv(runs));
  write_file(directory / "summary.csv", csv(means));
  if (!differences.empty()) write_file(directory / "differences.csv", csv(differences));
  const std::string sampling = images != nullptr ? to_csv(*images) : "";
  if (!sampling.empty()) write_file(directory / images_file, sampling);
}

namespace {

const std::vector<std::string> own_columns = {"run", "best_epoch", "epochs", "seconds",
                                              "images_per_second"};

/// A factor in a row, of the type that it has in `like`.
Json factor_in(const Table::Row& row, const std::string& factor, const Json& like) {
  if (like.is_number_integer()) return row.get<int>(factor, at_least(0));
  if (like.is_number()) return row.get<double>(factor);
  return row.get<std::string>(factor);
}

RunResult result_in(const Table::Row& row) {
  RunResult r;
  std::vector<const Metric*> unknown;
  for (const Metric& q : all_metrics())
    if (row.contains(q.key))
      q.set(r, row.get<double>(q.key, q.range));
    else
      unknown.push_back(&q);
  if (row.contains(at_bound_key)) {
    const auto bound = row.get<double>(at_bound_key, at_least(0));
    r.test.scaled = TemperatureScaled{.temperature = bound};
    if (bound != lowest_temperature && bound != highest_temperature)
      row.refuse(fmt::format("{} is {}, should be {} or {}", at_bound_key, bound,
                             lowest_temperature, highest_temperature));
  }
  for (const Metric* q : unknown)  // what stands there is a default, no measurement
    if (q->of(r)) q->set(r, std::numeric_limits<double>::quiet_NaN());
  r.epochs = row.get<int>("epochs", at_least(1));
  r.best_epoch = row.get<int>("best_epoch", from(1, r.epochs));
  r.seconds = row.get<double>("seconds", at_least(0));
  r.images_per_second = row.get<double>("images_per_second", at_least(0));
  return r;
}

}  // namespace

std::vector<FinishedRun> read_results(const std::filesystem::path& csv,
                                      std::span<const Json> like) {
  Json examples = Json::object();
  for (const Json& factors : like) examples.update(factors);
  std::vector<std::string> needed = own_columns, known = own_columns;
  for (const auto& [factor, value] : examples.items()) {
    known.push_back(factor);
    const auto has_it = [&key = factor](const Json& factors) { return factors.contains(key); };
    if (std::all_of(like.begin(), like.end(), has_it)) needed.push_back(factor);
  }
  for (const Metric& q : all_metrics()) known.push_back(q.key);
  known.emplace_back(at_bound_key);

  const Table table(csv, needed);
  table.refuse_other_columns(known);
  std::vector<FinishedRun> runs;
  std::set<std::string> names;
  for (const Table::Row& row : table.rows()) {
    FinishedRun& run = runs.emplace_back();
    run.name = row.get<std::string>("run");
    if (run.name.starts_with('.') || run.name.find('/') != std::string::npos)
      row.refuse(fmt::format("run is {}, should be a folder's name", shown(run.name)));
    if (!names.insert(run.name).second)
      row.refuse(fmt::format("run {} stands there twice", shown(run.name)));
    run.factors = Json::object();
    for (const std::string& column : table.columns())
      if (examples.contains(column) &&
          (row.contains(column) || std::count(needed.begin(), needed.end(), column) > 0))
        run.factors[column] = factor_in(row, column, examples[column]);
    run.result = result_in(row);
  }
  return runs;
}

}  // namespace experiments
