// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "experiments/harness/experiment.h"

/// What an experiment is and was run with, in words, for --help and reports.
namespace experiments {

/// The presets with their options, and an example; behind the options in --help.
std::string help_of_presets(const Experiment&, const std::string& program);

/// "CIFAR-100, ResNet-8, ...; 3 seeds", of all data sets and networks of the experiment.
std::string setting_of(const Experiment&, const Parameters& here);

/// "the paper has CIFAR-100, ResNet-34, ..., --temperature 1" where anything but the number of
/// seeds differs from it; else empty.
std::string reduction(const Experiment&, const Parameters& here, const Parameters& paper);

}  // namespace experiments
