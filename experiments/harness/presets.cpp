// SPDX-License-Identifier: MIT
#include "experiments/harness/presets.h"

namespace experiments {

std::vector<Preset> standard_presets(const Json& own, const Json& paper) {
  std::vector<Preset> presets = {{"quick",
                                  "Fashion-MNIST, ResNet-8: a run is a minute of one core",
                                  {{"dataset", "fashion-mnist"},
                                   {"model", "resnet8"},
                                   {"train_limit", 2000},
                                   {"val_limit", 1000},
                                   {"epochs", 60},
                                   {"augment", "none"},
                                   {"seeds", 10}}},
                                 {"reduced",
                                  "an hour or two on two cores: CIFAR-100, ResNet-8",
                                  {{"dataset", "cifar100"},
                                   {"model", "resnet8"},
                                   {"train_limit", 2000},
                                   {"val_limit", 2000},
                                   {"epochs", 80},
                                   {"batch_size", 32},
                                   {"augment", "none"},
                                   {"smoothing", 0.3},
                                   {"seeds", 5}}},
                                 {"paper",
                                  "the paper's: CIFAR-100, ResNet-34, 150 epochs",
                                  {{"dataset", "cifar100"}, {"model", "resnet34"}, {"seeds", 5}}}};
  for (Preset& preset : presets) preset.settings.update(own);
  presets.back().settings.update(paper);
  return presets;
}

}  // namespace experiments
