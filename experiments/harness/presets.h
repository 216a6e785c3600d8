// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "experiments/runs/config.h"

namespace experiments {

/// A named set of settings: fields of RunConfig, and an experiment's own ("seeds", ...).
struct Preset {
  std::string name, help;
  Json settings;
};

/// The presets of most experiments: quick (Fashion-MNIST), reduced (CIFAR-100, a small network),
/// medium (more of it, a larger one) and paper. All but the last train on as many images as their
/// network can learn by heart: soft labels are there for teachers that over-fit, as the paper's do.
/// The reduced one smooths by 0.3, a value of Appendix A.4: with the paper's 0.15 its teachers
/// would have to be sharpened. `own` is added to the settings of each, `paper` to those of the
/// paper's alone.
std::vector<Preset> standard_presets(const Json& own, const Json& paper = Json::object());

/// The settings of one of them.
Json& settings_of(std::vector<Preset>&, std::string_view name);

}  // namespace experiments
