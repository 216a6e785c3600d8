// SPDX-License-Identifier: MIT
#include "experiments/metrics/metrics_json.h"

#include "kernels/runtime/error.h"

namespace experiments {

namespace {

constexpr const char *all_equal_text = "-inf (all equal)", *ties_text = "-inf (ties)";

/// An entropy as entropy_json writes it: a number, or text.
std::optional<double> number_in(const Entry& entry) {
  if (entry.json().is_string()) return std::nullopt;
  return entry.as<double>();
}

Json to_json(const Calibration& c) {
  Json count = Json::array(), confidence = Json::array(), accuracy = Json::array();
  for (const ReliabilityBin& b : c.reliability) {
    count.push_back(b.count);
    confidence.push_back(b.confidence);
    accuracy.push_back(b.accuracy);
  }
  return {{"bins", c.bins},
          {"ece_10", c.ece_10},
          {"ece_20", c.ece_20},
          {"adaptive_ece", c.adaptive_ece},
          {"classwise_ece", c.classwise_ece},
          {"mce", c.mce},
          {"reliability", {{"count", count}, {"confidence", confidence}, {"accuracy", accuracy}}}};
}

Calibration calibration_from(const Entry& entry) {
  Calibration c;
  c.bins = entry.get<int>("bins", at_least(1));
  c.ece_10 = entry.get<double>("ece_10");
  c.ece_20 = entry.get<double>("ece_20");
  c.adaptive_ece = entry.get<double>("adaptive_ece");
  c.classwise_ece = entry.get<double>("classwise_ece");
  c.mce = entry.get<double>("mce");
  const Entry bars = entry.at("reliability");
  const std::vector<Entry> count = bars.at("count").items(),
                           confidence = bars.at("confidence").items(),
                           accuracy = bars.at("accuracy").items();
  kernels::require(count.size() == confidence.size() && count.size() == accuracy.size(),
                   "the lists of the reliability diagram are not equally long");
  for (std::size_t b = 0; b < count.size(); ++b)
    c.reliability.push_back(
        {count[b].as<int>(at_least(0)), confidence[b].as<double>(), accuracy[b].as<double>()});
  return c;
}

Json to_json(const TemperatureScaled& s) {
  Json json = {{"temperature", s.temperature}};
  if (s.at_bound()) json["at_bound"] = s.at_lowest() ? "lowest" : "highest";
  json["nll"] = s.nll ? Json(*s.nll) : Json();
  json["ece"] = s.ece ? Json(*s.ece) : Json();
  return json;
}

/// Early versions wrote NLL and ECE at a bound, too.
TemperatureScaled scaled_from(const Entry& entry) {
  TemperatureScaled s{.temperature = entry.get<double>("temperature")};
  if (s.at_bound()) return s;
  s.nll = entry.get<double>("nll");
  s.ece = entry.get<double>("ece");
  return s;
}

}  // namespace

Json entropy_json(const std::optional<double>& entropy, bool all_equal) {
  if (entropy) return *entropy;
  return all_equal ? all_equal_text : ties_text;
}

Json to_json(const Metrics& m) {
  const ConfidenceDiversity& d = m.diversity;
  Json by_k = Json::object();
  for (std::size_t i = 0; i < d.k.size(); ++i) {
    by_k[std::to_string(d.k[i])] = entropy_json(d.entropy[i], d.all_equal);
  }
  Json json = {{"accuracy", m.accuracy}, {"nll", m.nll}};
  if (m.brier) json["brier"] = *m.brier;
  json["ece"] = m.ece;
  json["predictive_uncertainty"] = m.predictive_uncertainty;
  json["confidence_diversity"] = entropy_json(d.headline(), d.all_equal);
  json["samples"] = m.samples;
  json["mean_true_class_probability"] = m.mean_p_true;
  json["confidence_diversity_by_k"] = by_k;
  if (d.spacing > 0) {
    json["confidence_diversity_vasicek"] = {{"m", d.spacing},
                                            {"entropy", entropy_json(d.vasicek, d.all_equal)}};
  }
  json["confidence_tie_share"] = d.tie_share;
  json["confidence_variance"] = d.variance;
  if (m.calibration) json["calibration"] = to_json(*m.calibration);
  if (m.scaled) {
    json["temperature_scaled"] = to_json(*m.scaled);
  }
  return json;
}

Metrics metrics_from(const Entry& entry) {
  Metrics m;
  m.accuracy = entry.get<double>("accuracy");
  m.nll = entry.get<double>("nll");
  m.ece = entry.get<double>("ece");
  m.predictive_uncertainty = entry.get<double>("predictive_uncertainty");
  m.samples = entry.get<int>("samples", at_least(0));
  m.mean_p_true = entry.get<double>("mean_true_class_probability");
  if (entry.contains("brier")) m.brier = entry.get<double>("brier");
  if (entry.contains("calibration")) m.calibration = calibration_from(entry.at("calibration"));
  if (entry.contains("temperature_scaled")) m.scaled = scaled_from(entry.at("temperature_scaled"));
  ConfidenceDiversity& d = m.diversity;
  const Entry by_k = entry.at("confidence_diversity_by_k");
  kernels::require(by_k.json().is_object(), "confidence_diversity_by_k is no object");
  for (const auto& item : by_k.json().items()) {
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
  d.tie_share = entry.get<double>("confidence_tie_share");
  d.variance = entry.get<double>("confidence_variance");
  return m;
}

}  // namespace experiments
