// SPDX-License-Identifier: MIT
#include "experiments/harness/presets.h"

#include "kernels/runtime/error.h"

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
                                 {"medium",
                                  "CIFAR-100, 20,000 images learnt by heart: 6 minutes of one core",
                                  {{"dataset", "cifar100"},
                                   {"model", "resnet18-imagenet"},
                                   {"precision", "bf16"},
                                   {"train_limit", 20000},
                                   {"val_limit", 2000},
                                   {"epochs", 12},
                                   {"schedule", "cosine"},
                                   {"warmup_epochs", 2},
                                   {"weight_decay", 5e-4},
                                   {"augment", "none"},
                                   {"seeds", 3}}},
                                 {"paper",
                                  "the paper's: CIFAR-100, ResNet-34, 150 epochs",
                                  {{"dataset", "cifar100"}, {"model", "resnet34"}, {"seeds", 5}}}};
  for (Preset& preset : presets) preset.settings.update(own);
  presets.back().settings.update(paper);
  return presets;
}

Json& settings_of(std::vector<Preset>& presets, std::string_view name) {
  for (Preset& preset : presets)
    if (preset.name == name) return preset.settings;
  kernels::fail("there is no preset {}", name);
}

}  // namespace experiments
