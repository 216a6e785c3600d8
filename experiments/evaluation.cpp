// SPDX-License-Identifier: MIT
#include "experiments/evaluation.h"

#include <algorithm>
#include <numeric>

#include "engine/autograd.h"

namespace experiments {

namespace {
constexpr int batch_size = 250;  // divides the usual test sets; large enough for full speed
}

std::vector<float> logits_of(nn::Model& model, const data::DeviceImages& images,
                             const std::vector<std::int32_t>& samples) {
  if (samples.empty()) return {};
  const engine::NoGrad no_grad;
  const engine::StepState step(images.device());
  const data::Batches batches(images, samples, std::min(batch_size, int(samples.size())),
                              images.normalise_only(), step);
  engine::Tensor all;
  std::size_t filled = 0;
  for (int b = 0; b < batches.count(); ++b) {
    const engine::Tensor logits = model.forward(batches.at(b).images, nn::Mode::eval);
    if (!all)
      all = engine::Tensor::empty({int(samples.size()), logits.shape()[1]}, images.device());
    all.slice(filled, logits.shape()).copy_from(logits);
    filled += logits.size();
  }
  return all.to_host();
}

std::vector<std::int32_t> labels_of(const std::vector<std::int32_t>& labels,
                                    const std::vector<std::int32_t>& samples) {
  std::vector<std::int32_t> chosen;
  chosen.reserve(samples.size());
  for (const std::int32_t at : samples) chosen.push_back(labels[std::size_t(at)]);
  return chosen;
}

std::vector<std::int32_t> all_places(std::size_t count) {
  std::vector<std::int32_t> places(count);
  std::iota(places.begin(), places.end(), 0);
  return places;
}

namespace {

constexpr const char *all_equal_text = "-inf (all equal)", *ties_text = "-inf (ties)";

Json entropy_json(const std::optional<double>& entropy, bool all_equal) {
  if (entropy) return *entropy;
  return all_equal ? all_equal_text : ties_text;
}

}  // namespace

Json to_json(const Metrics& m) {
  const ConfidenceDiversity& d = m.diversity;
  Json by_k = Json::object();
  for (std::size_t i = 0; i < d.k.size(); ++i) {
    by_k[std::to_string(d.k[i])] = entropy_json(d.entropy[i], d.all_equal);
  }
  return {{"accuracy", m.accuracy},
          {"nll", m.nll},
          {"ece", m.ece},
          {"predictive_uncertainty", m.predictive_uncertainty},
          {"confidence_diversity", entropy_json(d.headline(), d.all_equal)},
          {"samples", m.samples},
          {"mean_true_class_probability", m.mean_p_true},
          {"confidence_diversity_by_k", by_k},
          {"confidence_tie_share", d.tie_share},
          {"confidence_variance", d.variance}};
}

Metrics metrics_from(const Json& json) {
  Metrics m;
  m.accuracy = json.at("accuracy");
  m.nll = json.at("nll");
  m.ece = json.at("ece");
  m.predictive_uncertainty = json.at("predictive_uncertainty");
  m.samples = json.at("samples");
  m.mean_p_true = json.at("mean_true_class_probability");
  ConfidenceDiversity& d = m.diversity;
  for (const auto& [k, entropy] : json.at("confidence_diversity_by_k").items()) {
    d.k.push_back(std::stoi(k));
    d.entropy.push_back(entropy.is_number() ? std::optional<double>(entropy) : std::nullopt);
  }
  d.all_equal = json.at("confidence_diversity") == all_equal_text;
  d.tie_share = json.at("confidence_tie_share");
  d.variance = json.at("confidence_variance");
  return m;
}

}  // namespace experiments
