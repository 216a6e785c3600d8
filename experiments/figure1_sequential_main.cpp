// SPDX-License-Identifier: MIT
// Figure 1: self-distillation in sequence; accuracy, NLL, uncertainty and diversity by generation
#include <fmt/format.h>

#include "experiments/experiment.h"

using namespace experiments;

int main(int argc, char** argv) {
  Experiment experiment(
      "figure1", "figure1_sequential",
      "Figure 1: sequential self-distillation. Generation 0 learns from hard labels, each next one "
      "from the softmax of the one before (alpha 0, T 1).",
      {{"quick",
        "minutes on two cores: Fashion-MNIST, ResNet-8",
        {{"dataset", "fashion-mnist"},
         {"model", "resnet8"},
         {"train_limit", 2000},
         {"val_limit", 1000},
         {"epochs", 60},
         {"augment", "none"},
         {"seeds", 3},
         {"generations", 3}}},
       {"reduced",
        "hours on two cores: CIFAR-100, ResNet-20",
        {{"dataset", "cifar100"},
         {"model", "resnet20"},
         {"epochs", 30},
         {"seeds", 3},
         {"generations", 5}}},
       {"paper",
        "the paper's: CIFAR-100, ResNet-34, 150 epochs, 10 generations",
        {{"dataset", "cifar100"}, {"model", "resnet34"}, {"seeds", 5}, {"generations", 10}}}});
  experiment.add_number("generations", "students in a row, after generation 0");

  return experiment.main(argc, argv, [&] {
    std::vector<Run> runs;
    for (int seed = 0; seed < experiment.number("seeds"); ++seed) {
      std::string teacher;
      for (int generation = 0; generation <= experiment.number("generations"); ++generation) {
        RunConfig config = seeded(experiment.config(), seed, generation);
        config.loss = teacher.empty() ? Loss::ce : Loss::sd;
        config.alpha = teacher.empty() ? 1 : 0;
        const std::string name = fmt::format("seed{}-generation{}", seed, generation);
        runs.push_back({name, {{"seed", seed}, {"generation", generation}}, config, teacher});
        teacher = name;
      }
    }
    const std::vector<Measured> measured = experiment.run(runs);
    if (measured.empty()) return;

    Figure figure{.title = "Sequential self-distillation", .caption = {}, .panels = {}};
    for (const auto& [key, title] :
         {std::pair{"test_accuracy", "Test accuracy"},
          {"test_nll", "Test NLL"},
          {"train_predictive_uncertainty", "Predictive uncertainty on training images"},
          {"train_confidence_diversity", "Confidence diversity on training images"}}) {
      const Quantity& q = quantity(key);
      figure.panels.push_back(
          {title, "generation", std::string(q.title), {curve_of(measured, "generation", q)}});
    }
    experiment.publish(figure, measured);
  });
}
