// SPDX-License-Identifier: MIT
#include "experiments/harness/descriptions.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/system/wrap_text.h"
#include "experiments/analysis/words.h"

namespace experiments {
namespace {

std::string text_of_setting(const Json& value) {
  if (value.is_number_float()) return fmt::format("{:g}", value.get<double>());
  if (!value.is_array()) return plain_text(value);
  std::vector<std::string> items;
  for (const Json& item : value) items.push_back(text_of_setting(item));
  return fmt::format("{}", fmt::join(items, ","));
}

/// "--sizes" of "sizes", also for a key that is an option's alias.
std::string option_of(const Experiment& experiment, const std::string& key) {
  for (const Option& option : experiment.options)
    if (option.key() == key) return "--" + option.name;
  std::string name = key;
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

}  // namespace

std::string help_of_presets(const Experiment& experiment, const std::string& program) {
  std::string text = "\nPresets:\n";
  for (const Preset& p : experiment.presets) {
    std::vector<std::string> values;
    for (const auto& [key, value] : p.settings.items())
      values.push_back(fmt::format("{} {}", option_of(experiment, key), text_of_setting(value)));
    text += fmt::format("  {:<9} {}\n", p.name, p.help);
    for (const std::string& line : wrap_text(fmt::format("{}", fmt::join(values, " ")), 86))
      text += fmt::format("{:14}{}\n", "", line);
  }
  return text + fmt::format(
                    "\nThe same command goes on with an interrupted experiment; finished runs are "
                    "not repeated.\nExample:\n  {} --preset {} --seeds 5\n",
                    program, experiment.presets.front().name);
}

namespace {

/// "weight decay" of "weight_decay".
std::string words_of(std::string key) {
  std::ranges::replace(key, '_', ' ');
  return key;
}

/// The parameters that determine an experiment's numbers: all but the number of seeds.
Json determining(const Parameters& parameters) {
  Json all = to_json(parameters.base_config());
  for (const std::string& key : parameters.own_keys())
    if (key != "seeds") all[key] = parameters.values().at(key);
  return all;
}

/// "CIFAR-100, ResNet-8, ...", of all data sets and networks of the experiment.
std::string description(const Experiment& experiment, const Parameters& parameters) {
  std::vector<Json> all = {parameters.values()};
  for (const auto& [list, key] : {std::pair{"datasets", "dataset"}, {"models", "model"}}) {
    if (!parameters.values().contains(list)) continue;
    std::vector<Json> product;
    for (const Json& before : all) {
      for (const Json& name : parameters.values().at(list)) {
        product.push_back(before);
        product.back()[key] = name;
      }
    }
    all = std::move(product);
  }
  std::vector<RunConfig> configs;
  for (const Json& values : all) {
    RunConfig& c = configs.emplace_back(Parameters(experiment, values).base_config());
    c.dataset = value_words("dataset", c.dataset);
    c.model = value_words("model", c.model);
  }
  return describe(configs);
}

}  // namespace

std::string reduction(const Experiment& experiment, const Parameters& here,
                      const Parameters& paper) {
  const Json ours = determining(here), theirs = determining(paper);
  if (ours == theirs) return {};
  std::string text = "the paper has " + description(experiment, paper);
  // What is varied are our values there, too, and the paper says nothing of precision.
  std::vector<std::string> left_out = here.own_keys();
  for (const char* described : {"dataset", "model", "train_limit", "epochs", "augment",
                                "milestones", "val_limit", "precision"})
    left_out.push_back(described);
  for (const auto& [key, value] : theirs.items())
    if (std::ranges::find(left_out, key) == left_out.end() && ours.at(key) != value)
      text += fmt::format(", {} {}", words_of(key), text_of_setting(value));
  return text;
}

std::string setting_of(const Experiment& experiment, const Parameters& here) {
  const int seeds = here.number("seeds");
  return fmt::format("{}; {} seed{}", description(experiment, here), seeds, seeds == 1 ? "" : "s");
}

}  // namespace experiments
