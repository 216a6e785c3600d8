// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "engine/system/progress.h"
#include "experiments/command_line/machine.h"
#include "experiments/command_line/settings.h"
#include "experiments/runs/sample_rows.h"
#include "experiments/training/training.h"
#include "nn/safetensors.h"

using namespace experiments;

int main(int argc, char** argv) {
  CLI::App app("Trains one network on hard or soft labels.", "train");
  Settings settings;
  Machine machine;
  RunInputs inputs;
  std::string out, teacher, weights, labels;
  std::vector<std::string> teacher_logits;

  add_path(app, "--out", out, "run directory (default: runs/DATASET-MODEL-LOSS-seedN)", "DIR")
      ->group("Files");
  add_path(app, "--teacher", teacher, "sd: weight file of the teacher", "FILE")->group("Files");
  add_paths(
      app, "--teacher-logits", teacher_logits,
      "sd: what a teacher said of the training images, in --teacher's place; several teachers "
      "are averaged as probabilities (safetensors or NPY)",
      "FILE...")
      ->group("Files");
  add_path(app, "--labels", labels,
           "soft: probabilities or counts, a row for each training image (safetensors or NPY)",
           "FILE")
      ->group("Files");
  add_path(app, "--weights", weights, "weight file to start from", "FILE")->group("Files");
  settings.add_config_file(app)->group("Files");
  settings.add_fields(app, {"Data", "Network", "Training", "Loss", "Beta smoothing and EMA"});
  machine.add_options(app);
  app.footer(
      "\nThe same command goes on with an interrupted run, and does not repeat a finished one.\n"
      "Example, a network and a student of it:\n"
      "  train --dataset fashion-mnist --model resnet8 --train-limit 2000 --epochs 20 --out "
      "runs/a\n"
      "  train --dataset fashion-mnist --model resnet8 --train-limit 2000 --epochs 20 --out runs/b "
      "\\\n        --loss sd --teacher runs/a/best.safetensors --temperature 2\n"
      "Soft labels of your own, of which docs/soft_labels.md tells:\n"
      "  train --dataset cifar10 --loss soft --labels probabilities.npy");

  return run_program(app, argc, argv, [&] {
    const RunConfig config = make_config(settings.all());
    validate(config);
    refuse_unused(settings.given(), {&config, 1});
    machine.refuse_unused({&config, 1});
    const auto from_file = [&](const char* input, std::string& path) {
      const std::vector<std::string> paths = settings.inputs(input);
      if (path.empty() && !paths.empty()) path = paths.front();
    };
    if (config.loss == Loss::sd && teacher.empty() && teacher_logits.empty()) {
      from_file("teacher", teacher);
      teacher_logits = settings.inputs("teacher_logits");
    }
    if (config.loss == Loss::soft) from_file("labels", labels);
    from_file("weights", weights);
    inputs = {.teacher = teacher,
              .weights = weights,
              .teacher_logits = {teacher_logits.begin(), teacher_logits.end()},
              .labels = labels};
    if (out.empty()) {
      out = fmt::format("runs/{}-{}-{}-seed{}", config.dataset, config.model, name_of(config.loss),
                        config.seed);
    }
    for (const auto& file : {inputs.teacher, inputs.weights})  // before pictures are decoded
      if (!file.empty()) nn::read_safetensors_header(file);
    for (const auto& file : inputs.teacher_logits) check_sample_rows(file, RowKind::logits);
    if (!labels.empty()) check_sample_rows(labels, RowKind::probabilities);
    const TrainingData data(config, machine.data_dir, machine.start(config.precision),
                            machine.cache_dir);
    RunOptions options{.log_steps = true,
                       .provenance = machine.provenance(),
                       .threads_given = machine.threads > 0};
    options.provenance["teacher"] = inputs.teacher.string();
    options.provenance["weights"] = inputs.weights.string();
    if (!teacher_logits.empty()) options.provenance["teacher_logits"] = teacher_logits;
    if (!labels.empty()) options.provenance["labels"] = labels;
    const RunResult result = train_run(config, data, inputs, out, options);
    fmt::print(
        "{}: {} epochs in {}, best epoch {}, test accuracy {:.2f} %, NLL {:.4f}, ECE {:.4f}\n", out,
        result.epochs, duration_text(result.seconds), result.best_epoch, 100 * result.test.accuracy,
        result.test.nll, result.test.ece);
  });
}
