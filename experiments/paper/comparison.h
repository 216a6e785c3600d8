// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "experiments/harness/experiment.h"

/// The common part of experiments that compare methods by bars.
namespace experiments {

struct Method {
  std::string name;          // factor "method" and folder; value_words() has the figure's key
  Json changes;              // {{"loss", "ls"}}
  std::string teacher = {};  // the name of another method
  int init_group = 0;        // those of the same group start from the same weights
  bool shown = true;         // in the figure
};

/// A network that teaches others, and is not in the figure itself.
Method hidden_teacher(const std::string& name = "teacher", const std::string& loss = "ce");

/// A setting in which all methods are compared: {{"dataset", "cifar100"}, {"model", "resnet34"}}.
struct Setting {
  std::string panel, title;  // above a panel, below a group of bars; together they name folders
  Json changes = Json::object();  // factors, too
};

/// An experiment that runs every method in every setting, for each seed, and draws a row of panels
/// for test accuracy and one for ECE, a panel for each `panel` of the settings: a group of bars for
/// each setting, a bar for each method.
Experiment comparison(
    Experiment, std::string figure_title,
    std::function<std::vector<Method>(const Parameters&)> methods,
    std::function<std::vector<Setting>(const Parameters&)> settings = [](const Parameters&) {
      return std::vector<Setting>(1);
    });

/// `left` is better than `right`: more accurate, or lower in any other metric.
Comparison better(const std::string& metric, const std::string& left, const std::string& right,
                  const Setting& = {});

/// They are the same, within the metric's margin.
Comparison same(const std::string& metric, const std::string& left, const std::string& right,
                const Setting& = {});

}  // namespace experiments
