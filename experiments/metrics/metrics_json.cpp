// SPDX-License-Identifier: MIT
#include "experiments/metrics/metrics_json.h"

#include "experiments/metrics/metric_list.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

constexpr const char *all_equal_text = "-inf (all equal)", *ties_text = "-inf (ties)";

/// An entropy as entropy_json writes it: a number, or text.
std::optional<double> number_in(const Entry& entry) {
  if (entry.json().is_string()) return std::nullopt;
  return entry.as<double>();
}

/// "calibration" of "calibration.mce"; empty if it is in no object of its own.
std::string object_of(std::string_view path) {
  const std::size_t dot = path.find('.');
  return std::string(dot == path.npos ? "" : path.substr(0, dot));
}

Json reliability_json(const std::vector<ReliabilityBin>& bins) {
  Json count = Json::array(), confidence = Json::array(), accuracy = Json::array();
  for (const ReliabilityBin& b : bins) {
    count.push_back(b.count);
    confidence.push_back(b.confidence);
    accuracy.push_back(b.accuracy);
  }
  return {{"count", count}, {"confidence", confidence}, {"accuracy", accuracy}};
}

std::vector<ReliabilityBin> reliability_from(const Entry& entry) {
  const std::vector<Entry> count = entry.at("count").items(),
                           confidence = entry.at("confidence").items(),
                           accuracy = entry.at("accuracy").items();
  kernels::require(count.size() == confidence.size() && count.size() == accuracy.size(),
                   "the lists of the reliability diagram are not equally long");
  std::vector<ReliabilityBin> bins;
  for (std::size_t b = 0; b < count.size(); ++b)
    bins.push_back(
        {count[b].as<int>(at_least(0)), confidence[b].as<double>(), accuracy[b].as<double>()});
  return bins;
}

ConfidenceDiversity entropies_from(const Entry& entry) {
  ConfidenceDiversity d;
  const Entry by_k = entry.at("confidence_diversity_by_k");
  for (const auto& item : by_k.object().items()) {
    try {
      d.k.push_back(parse<int>(item.key(), at_least(1)));
    } catch (const Unfit& e) {
      kernels::fail("a key of confidence_diversity_by_k {}", e.what());
    }
    d.entropy.push_back(number_in(by_k.at(item.key())));
  }
  if (entry.contains("confidence_diversity_vasicek")) {
    const Entry v = entry.at("confidence_diversity_vasicek");
    d.spacing = v.get<int>("m", at_least(1));
    d.vasicek = number_in(v.at("entropy"));
  }
  d.all_equal = entry.at("confidence_diversity").json() == all_equal_text;
  return d;
}

}  // namespace

Json entropy_json(const std::optional<double>& entropy, bool all_equal) {
  if (entropy) return *entropy;
  return all_equal ? all_equal_text : ties_text;
}

Json to_json(const Metrics& m) {
  Json json = Json::object();
  for (const MetricRow& row : metric_rows()) {
    if (row.json.empty()) continue;
    const std::optional<double> value = row.get(m);
    const std::string object = object_of(row.json), path(row.json);
    if (object.empty() && value) json[path] = *value;
    if (object.empty() || (!value && !json.contains(object))) continue;
    json[object][path.substr(object.size() + 1)] = value ? Json(*value) : Json();
  }
  json["samples"] = m.samples;
  const ConfidenceDiversity& d = m.diversity;
  json["confidence_diversity"] = entropy_json(d.headline(), d.all_equal);
  Json& by_k = json["confidence_diversity_by_k"] = Json::object();
  for (std::size_t i = 0; i < d.k.size(); ++i)
    by_k[std::to_string(d.k[i])] = entropy_json(d.entropy[i], d.all_equal);
  if (d.spacing > 0)
    json["confidence_diversity_vasicek"] = {{"m", d.spacing},
                                            {"entropy", entropy_json(d.vasicek, d.all_equal)}};
  if (m.calibration) {
    json["calibration"]["bins"] = m.calibration->bins;
    json["calibration"]["reliability"] = reliability_json(m.calibration->reliability);
  }
  if (m.scaled && m.scaled->at_bound())
    json["temperature_scaled"]["at_bound"] = m.scaled->at_lowest() ? "lowest" : "highest";
  return json;
}

Metrics metrics_from(const Entry& entry) {
  Metrics m{.samples = entry.get<int>("samples", at_least(0)), .diversity = entropies_from(entry)};
  for (const MetricRow& row : metric_rows()) {
    const std::string object = object_of(row.json), path(row.json);
    if (path.empty() || (!object.empty() && !entry.contains(object))) continue;
    const Entry in = object.empty() ? entry : entry.at(object);
    const std::string key = object.empty() ? path : path.substr(object.size() + 1);
    if (row.required || in.contains(key)) row.set(m, in.get<double>(key, row.range));
  }
  if (m.calibration) {
    const Entry calibration = entry.at("calibration");
    m.calibration->bins = calibration.get<int>("bins", at_least(1));
    m.calibration->reliability = reliability_from(calibration.at("reliability"));
    if (!m.calibration->debiased_ece)  // of a version that did not write it
      m.calibration->debiased_ece = debiased_calibration_error(m.calibration->reliability);
  }
  if (m.scaled && m.scaled->at_bound())  // early versions wrote NLL and ECE there, too
    m.scaled->nll = m.scaled->ece = std::nullopt;
  else if (m.scaled)
    for (const char* key : {"nll", "ece"}) entry.at("temperature_scaled").get<double>(key);
  return m;
}

}  // namespace experiments
