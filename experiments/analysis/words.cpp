// SPDX-License-Identifier: MIT
#include "experiments/analysis/words.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "experiments/analysis/table.h"

namespace experiments {
namespace {

using Names = std::map<std::string, std::string, std::less<>>;

const Names methods = {{"ce", "cross entropy"},
                       {"ls", "label smoothing"},
                       {"sd", "self-distillation"},
                       {"beta", "Beta smoothing"},
                       {"ema", "EMA self-training"},
                       {"random", "Beta labels at random"},
                       {"reversed", "Beta labels in reverse order"},
                       {"ce-long", "cross entropy, twice the epochs"},
                       {"ce-average", "cross entropy, weights averaged"},
                       {"pskd", "PS-KD"},
                       {"wttm", "WTTM"},
                       {"ols", "online label smoothing"},
                       {"zipf", "Zipf's label smoothing"},
                       {"strength", "the teacher's strength alone"},
                       {"constant", "the teacher's other classes, one strength"},
                       {"permuted", "labels of another image of the class"},
                       {"omega", "self-distillation with weights omega"},
                       {"smoothed", "distillation from a smoothed teacher"},
                       {"copy", "Beta smoothing, EMA starts as a copy"},
                       {"averaged", "Beta smoothing, EMA in eval mode with averaged buffers"}};
const Names datasets = {{"cifar10", "CIFAR-10"},
                        {"cifar100", "CIFAR-100"},
                        {"fashion-mnist", "Fashion-MNIST"},
                        {"tiny-imagenet", "Tiny-ImageNet"},
                        {"cub200-2010", "CUB-200 (2010)"},
                        {"cub200-2011", "CUB-200 (2011)"}};
/// Beginnings of networks' names.
const std::pair<std::string_view, std::string_view> networks[] = {{"resnet", "ResNet-"},
                                                                  {"densenet-bc-", "DenseNet-BC-"}};
/// Beginnings of methods' names, of which a network's or a number follows.
const std::pair<std::string_view, std::string_view> method_starts[] = {
    {"from-", "taught by "}, {"teacher-", "the teacher "}, {"entropy", "entropy regularisation "}};

std::string network_words(const std::string& name) {
  constexpr std::string_view imagenet = "-imagenet";
  if (name.ends_with(imagenet))
    return network_words(name.substr(0, name.size() - imagenet.size())) + " (ImageNet stem)";
  for (const auto& [start, words] : networks)
    if (name.starts_with(start)) return std::string(words) + name.substr(start.size());
  return name;
}

std::string method_words(const std::string& name) {
  if (const auto found = methods.find(name); found != methods.end()) return found->second;
  for (const auto& [start, words] : method_starts)
    if (name.starts_with(start))
      return std::string(words) + network_words(name.substr(start.size()));
  return name;
}

std::string with_factor(const std::string& factor, const Json& value) {
  const std::string words = value_words(factor, value);
  if (factor == "method" || factor == "model" || factor == "dataset" || factor == "sweep")
    return words;
  if (factor == "temperature") return "T = " + words;
  if (factor == "temperature_on") return "temperature on " + words;
  std::string name = factor;
  std::ranges::replace(name, '_', ' ');
  return name + " " + words;
}

}  // namespace

std::string value_words(const std::string& factor, const Json& value) {
  std::string text = plain_text(value);
  if (value.is_number_float() && text.ends_with(".0")) text.resize(text.size() - 2);
  if (factor == "method") return method_words(text);
  if (factor == "model") return network_words(text);
  const auto found = datasets.find(text);
  return factor == "dataset" && found != datasets.end() ? found->second : text;
}

std::string factors_text(const Json& factors) {
  std::vector<std::string> parts;
  for (const auto& [factor, value] : factors.items()) {
    if (factor == "sweep" && factors.contains(plain_text(value))) continue;  // that one says it
    parts.push_back(with_factor(factor, value));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string against_text(const Json& left, const Json& right) {
  Json own = left, other = right, both = Json::object();
  for (const auto& [key, value] : left.items()) {
    if (!right.contains(key) || right[key] != value) continue;
    both[key] = value;
    own.erase(key);
    other.erase(key);
  }
  return fmt::format("{} against {}{}{}", factors_text(own), factors_text(other),
                     both.empty() ? "" : ", ", factors_text(both));
}

}  // namespace experiments
