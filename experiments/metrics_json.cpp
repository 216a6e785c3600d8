// SPDX-License-Identifier: MIT
#include "experiments/metrics_json.h"

namespace experiments {

namespace {

constexpr const char *all_equal_text = "-inf (all equal)", *ties_text = "-inf (ties)";

std::optional<double> number_in(const Json& json) {
  return json.is_number() ? std::optional<double>(json) : std::nullopt;
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

Calibration calibration_from(const Json& json) {
  Calibration c;
  c.bins = json.at("bins");
  c.ece_10 = json.at("ece_10");
  c.ece_20 = json.at("ece_20");
  c.adaptive_ece = json.at("adaptive_ece");
  c.classwise_ece = json.at("classwise_ece");
  c.mce = json.at("mce");
  const Json& bars = json.at("reliability");
  for (std::size_t b = 0; b < bars.at("count").size(); ++b)
    c.reliability.push_back(
        {bars.at("count").at(b), bars.at("confidence").at(b), bars.at("accuracy").at(b)});
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
TemperatureScaled scaled_from(const Json& json) {
  TemperatureScaled s{.temperature = json.at("temperature")};
  if (s.at_bound()) return s;
  s.nll = json.at("nll").get<double>();
  s.ece = json.at("ece").get<double>();
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

Metrics metrics_from(const Json& json) {
  Metrics m;
  m.accuracy = json.at("accuracy");
  m.nll = json.at("nll");
  m.ece = json.at("ece");
  m.predictive_uncertainty = json.at("predictive_uncertainty");
  m.samples = json.at("samples");
  m.mean_p_true = json.at("mean_true_class_probability");
  if (json.contains("brier")) m.brier = json.at("brier").get<double>();
  if (json.contains("calibration")) m.calibration = calibration_from(json.at("calibration"));
  if (const auto s = json.find("temperature_scaled"); s != json.end()) m.scaled = scaled_from(*s);
  ConfidenceDiversity& d = m.diversity;
  for (const auto& [k, entropy] : json.at("confidence_diversity_by_k").items()) {
    d.k.push_back(std::stoi(k));
    d.entropy.push_back(number_in(entropy));
  }
  if (const auto v = json.find("confidence_diversity_vasicek"); v != json.end()) {
    d.spacing = v->at("m");
    d.vasicek = number_in(v->at("entropy"));
  }
  d.all_equal = json.at("confidence_diversity") == all_equal_text;
  d.tie_share = json.at("confidence_tie_share");
  d.variance = json.at("confidence_variance");
  return m;
}

}  // namespace experiments
