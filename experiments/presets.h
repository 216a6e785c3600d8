// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "experiments/config.h"

namespace experiments {

/// A named set of settings: fields of RunConfig, and an experiment's own ("seeds", ...).
struct Preset {
  std::string name, help;
  Json settings;
};

/// What most experiments share: quick (Fashion-MNIST), reduced (CIFAR-100, a small network) and
/// paper. The reduced one smooths by 0.3, a value of Appendix A.4: no temperature makes a network
/// this small give the true class as much as the paper's 0.85. `own` is added to the settings of each, `paper` to those of the paper's alone.
std::vector<Preset> standard_presets(const Json& own, const Json& paper = Json::object());

}  // namespace experiments
