// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "experiments/command_line/machine.h"
#include "experiments/command_line/option_names.h"
#include "experiments/command_line/settings.h"
#include "experiments/programs/programs.h"
#include "experiments/report/run_report.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/logs/tensorboard.h"
#include "experiments/runs/samples/sample_rows.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/training.h"
#include "kernels/ranks/ranks.h"
#include "nn/files/safetensors.h"

using namespace experiments;

namespace {

/// Trains the run while its report.html follows.
RunResult train_with_report(const RunConfig& config, const TrainingData& data,
                            const RunInputs& inputs, const std::filesystem::path& out,
                            RunOptions options, bool tensorboard) {
  if (kernels::ranks().rank != 0)  // the first has the directory, and the report
    return train_run(config, data, inputs, out, options);
  RunReport report(out, config);
  std::optional<ShownErrors> errors;
  const std::string page = (out / report_file).string();
  const std::vector<std::int32_t> samples = all_indices(data.about().test.labels.size());
  // Whatever happens to a page costs no run.
  const auto see = [&](const LabelledLogits& test) {
    try {
      errors = shown_errors(test, data, DataPart::test, samples);
    } catch (const std::exception& e) {
      note(fmt::format("{} could not be made: {}", page, e.what()));
    }
  };
  std::optional<TensorBoardLog> events;
  bool is_trained = false;
  const auto log = [&](const auto& work) {
    try {
      work();
    } catch (const kernels::Error& e) {
      events.reset();
      note(fmt::format("{}; training goes on without a log for TensorBoard", e.what()));
    }
  };
  options.after_start = [&](int epochs) {
    is_trained = true;
    if (tensorboard) log([&] { events.emplace(out); });
    report.running(epochs);
  };
  options.after_epoch = [&](const EpochRecord& record) {
    if (events) log([&] { events->add(record); });
    report.running(record.epoch);
    return true;
  };
  options.after_test = see;
  // Of a run that was finished before. Where its weights are gone there is no page.
  const auto measure_again = [&] {
    note(fmt::format("{} is not there or damaged: measuring for it", page));
    try {
      const auto best = load_model(out / run_files::best, config.model, data);
      const std::vector<float> logits = logits_of(*best, data.test(), samples, /*heed_stop=*/true);
      see({logits, data.about().test.labels, data.about().classes});
    } catch (const Interrupted&) {
      throw;
    } catch (const kernels::Error& e) {
      note(fmt::format("{} could not be made: {}", page, e.what()));
    }
  };
  RunResult result;
  try {
    result = train_run(config, data, inputs, out, options);
  } catch (const std::exception& e) {
    report.stopped(with_option_names(e.what()));
    throw;
  }
  if (tensorboard && !is_trained)
    note("--tensorboard logs epochs as they are trained: this run was finished before");
  if (!errors && !report.is_there()) measure_again();
  if (errors) report.finished(result, *errors);
  return result;
}

}  // namespace

int experiments::train_main(int argc, char** argv) {
  CLI::App app("Trains one network on hard or soft labels.", "train");
  Settings settings;
  Machine machine;
  RunInputs inputs;
  std::string out, teacher, weights, labels;
  std::vector<std::string> teacher_logits;
  bool tensorboard = false;

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
  app.add_flag("--tensorboard", tensorboard,
               "log epochs for TensorBoard too, in the run's directory (events.out.tfevents.*)")
      ->group("Files");
  settings.add_config_file(app)->group("Files");
  settings.add_fields(app, {"Data", "Network", "Training", "Loss", "Beta smoothing and EMA"});
  machine.joins_ranks = true;
  machine.add_options(app);
  machine.add_training_options(app);
  app.footer(
      "\nThe same command goes on with an interrupted run, and does not repeat a finished one.\n"
      "Example, a network and a student of it:\n"
      "  train --dataset fashion-mnist --model resnet8 --train-limit 2000 --epochs 20 --out "
      "runs/a\n"
      "  train --dataset fashion-mnist --model resnet8 --train-limit 2000 --epochs 20 --out runs/b "
      "\\\n        --loss sd --teacher runs/a/best.safetensors --temperature 2\n"
      "One run on two processors, machines or GPUs, of which docs/scaling.md tells:\n"
      "  mpirun -np 2 train --dataset cifar10 --out runs/a\n"
      "Soft labels of your own, of which docs/soft_labels.md tells:\n"
      "  train --dataset cifar10 --loss soft --labels probabilities.npy");

  return run_program(
      app, argc, argv,
      [&] {
        const Json given = settings.all();
        RunConfig config = asked_for([&] {
          const RunConfig c = make_config(given);
          validate(c);
          return c;
        });
        refuse_unused(settings.asked(), {&config, 1});
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
                  .labels = labels,
                  .kept_answers = {machine.kept_answers, 1e9 * machine.most_gigabytes}};
        asked_for([&] { check_inputs(config, inputs); });
        if (out.empty()) {
          out = fmt::format("runs/{}-{}-{}-seed{}", config.dataset, config.model,
                            name_of(config.loss), config.seed);
        }
        if (!given.contains("precision")) {
          const auto made_with = precision_in(out);
          config.precision = made_with ? *made_with : machine.usual_precision();
        }
        for (const auto& file : {inputs.teacher, inputs.weights})  // before pictures are decoded
          if (!file.empty()) nn::read_safetensors_header(file);
        for (const auto& file : inputs.teacher_logits) check_sample_rows(file, RowKind::logits);
        if (!labels.empty()) check_sample_rows(labels, RowKind::probabilities);
        const nn::Device device = machine.start(config.precision);
        const TrainingData data(config, machine.data_dir, device, machine.cache_dir,
                                machine.most_data_bytes());
        refuse_unused_split(settings.asked(), config, data.about());
        RunOptions options{.log_steps = true,
                           .provenance = machine.provenance(),
                           .graph = machine.graph,
                           .threads_given = machine.threads > 0};
        std::filesystem::path data_dir = machine.data_dir;
        if (data_dir.empty()) data_dir = data::default_data_dir(config.dataset);
        if (!data_dir.empty())
          options.provenance["data_dir"] = std::filesystem::absolute(data_dir).string();
        options.provenance["teacher"] = inputs.teacher.string();
        options.provenance["weights"] = inputs.weights.string();
        if (!teacher_logits.empty()) options.provenance["teacher_logits"] = teacher_logits;
        if (!labels.empty()) options.provenance["labels"] = labels;
        const RunResult result = train_with_report(config, data, inputs, out, options, tensorboard);
        if (kernels::ranks().rank != 0) return;
        fmt::print(
            "{}: {} epochs in {}, best epoch {}, test accuracy {:.2f} %, NLL {:.4f}, ECE {:.4f}\n",
            out, result.epochs, duration_text(result.seconds), result.best_epoch,
            100 * result.test.accuracy, result.test.nll, result.test.ece);
      },
      machine.joins_ranks);
}
