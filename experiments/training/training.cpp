// SPDX-License-Identifier: MIT
#include "experiments/training/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "engine/system/fingerprint.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/logs/epoch_log.h"
#include "experiments/runs/run_leftovers.h"
#include "experiments/training/continuation.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/rank_agreement.h"
#include "experiments/training/trainer.h"
#include "kernels/collective.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/math_mode.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::fail;
using kernels::require;

namespace {

using Clock = std::chrono::steady_clock;

/// Of several ranks the first has the directory; what the others know they have from it.
bool has_directory() { return kernels::ranks().rank == 0; }

/// Measures the held-out samples.
void validate_epoch(EpochRecord& record, nn::Model& model, const TrainingData& data,
                    const std::vector<std::int32_t>& samples, const RunConfig& config) {
  if (samples.empty()) return;
  const std::vector<float> logits = logits_by_ranks(model, data.train(), samples);
  require(all_finite(logits),
          "the network's outputs are not finite after epoch {}: training has diverged; try a lower "
          "`lr` than {}",
          record.epoch, config.lr);
  const auto labels = labels_of(data.about().train.labels, samples);
  const Metrics metrics = measure({logits, labels, data.about().classes});
  record.val_accuracy = metrics.accuracy;
  record.val_nll = metrics.nll;
}

std::string progress_note(const EpochRecord& r, int epochs) {
  std::string note = fmt::format("epoch {}/{}  loss {:.3f}", r.epoch, epochs, r.train_loss);
  if (!std::isnan(r.val_accuracy)) note += fmt::format("  val {:.1f} %", 100 * r.val_accuracy);
  return note;
}

RunResult measure_best(nn::Model& model, const TrainingData& data, const data::Split& split,
                       int bins, const std::optional<RunDirectory>& run,
                       const RunOptions& options) {
  const data::Dataset& about = data.about();
  const auto outputs_of = [&](const data::DeviceImages& images, const data::Images& part,
                              const std::vector<std::int32_t>& samples) {
    return Outputs{logits_by_ranks(model, images, samples, /*heed_stop=*/true),
                   labels_of(part.labels, samples), about.classes};
  };
  RunResult result;
  result.train = measure(outputs_of(data.train(), about.train, split.train).view(), bins);
  const Outputs test = outputs_of(data.test(), about.test, all_indices(about.test.labels.size()));
  result.test = measure(test.view(), bins);
  if (run) run->write_test_outputs(test.view());
  if (run && options.after_test) options.after_test(test.view());
  if (!split.validation.empty()) {
    const Outputs held_out = outputs_of(data.train(), about.train, split.validation);
    result.validation = measure(held_out.view(), bins);
    result.test.scaled = measure_scaled(test.view(), held_out.view(), bins);
  }
  return result;
}

/// A run that this process trains, alone or with other ranks, with what its steps need.
struct Task {
  const RunConfig& config;
  const TrainingData& data;
  const data::Split& split;
  const DataIdentity& identity;
  const std::optional<RunDirectory>& run;  // none on ranks but the first
  Trainer& trainer;

  std::unique_ptr<nn::Model> load_best() const {
    return load_model(run->file(run_files::best), config.model, data);
  }
  void save(const char* file, int epoch) const {
    save_checkpoint(run->file(file), trainer.model(), config, identity, epoch);
  }
};

/// Gives all ranks what the first has.
void share(nn::Model& model) {
  const nn::Parameters& parameters = model.parameters();
  engine::broadcast(parameters.values());
  engine::broadcast(parameters.running());
  parameters.values_set();
  kernels::run(kernels::Cpu{}, kernels::Broadcast{.data = &model.batches_tracked,
                                                  .size = sizeof model.batches_tracked});
}

void share(const TrainerState& state, RunProgress& progress) {
  share(state.model);
  if (state.ema != nullptr) share(*state.ema);
  for (const auto& memory : state.optimizer.memory()) engine::broadcast(memory.values);
  if (state.labels != nullptr)
    kernels::run(kernels::Cpu{}, kernels::Broadcast{.data = state.labels->data(),
                                                    .size = state.labels->size() * sizeof(float)});
  kernels::run(kernels::Cpu{}, kernels::Broadcast{.data = &progress, .size = sizeof progress});
}

/// Sets the trainer to the last finished epoch; the beginning if there is none.
RunProgress resume(const Task& task) {
  RunProgress progress;
  const fs::path last = task.run->file(run_files::last);
  if (!fs::exists(last)) return progress;
  try {
    progress = load_training_state(last, task.trainer.state());
    // It is needed in the end: whether it can be read is told of now.
    if (progress.best_epoch != progress.epochs) task.load_best();
  } catch (const kernels::Error& e) {  // damaged; or plain weights, the result being lost
    fail("{}; remove {} to run again", e.what(), last.parent_path().string());
  }
  // `last` is written first: a run killed between the two has the new weights there.
  if (progress.best_epoch == progress.epochs) task.save(run_files::best, progress.best_epoch);
  return progress;
}

/// Saves what a finished epoch leaves, so that the run can go on from there.
void save_epoch(const Task& task, const RunProgress& progress, const EpochRecord& record,
                RunLogs& logs, const std::vector<float>& losses) {
  logs.add(record, progress.steps, losses);
  logs.flush();
  save_training_state(task.run->file(run_files::last), task.trainer.state(), task.config,
                      task.identity, progress);
  if (progress.best_epoch == record.epoch) task.save(run_files::best, record.epoch);
}

void train_epochs(const Task& task, RunProgress& progress, const RunOptions& options) {
  std::optional<RunLogs> logs;
  if (task.run)
    logs.emplace(*task.run, std::uint32_t(progress.epochs), progress.steps, options.log_steps);
  Progress bar(options.label, task.trainer.samples_ahead(progress), "images");
  std::vector<float> losses;
  while (!task.trainer.finished(progress)) {
    const auto start = Clock::now();
    EpochRecord record = task.trainer.epoch(progress, bar, losses);
    validate_epoch(record, task.trainer.model(), task.data, task.split.validation, task.config);
    require_same_weights(task.trainer.model());
    record.seconds = seconds_since(start);
    progress.seconds += record.seconds;
    const bool validated = !std::isnan(record.val_accuracy);
    if (!validated || record.val_accuracy >= progress.best_accuracy) {
      progress.best_accuracy = validated ? record.val_accuracy : 0;
      progress.best_epoch = record.epoch;
    }
    if (logs) save_epoch(task, progress, record, *logs, losses);
    bar.advance(0, progress_note(record, task.config.epochs));
    if (kernels::any_rank(logs && options.after_epoch && !options.after_epoch(record)))
      throw Interrupted(fmt::format("stopped after epoch {}", record.epoch));
  }
}

RunResult result_of(const Task& task, const RunProgress& progress, const RunOptions& options) {
  const auto best = task.run ? task.load_best()
                             : nn::make_model(task.config.model, task.data.model_input(),
                                              task.data.device(), task.config.seed);
  share(*best);
  RunResult result =
      measure_best(*best, task.data, task.split, ece_bins(task.config.protocol), task.run, options);
  result.best_epoch = progress.best_epoch;
  result.epochs = progress.epochs;
  result.steps = progress.steps;
  result.seconds = progress.seconds;
  result.images_per_second =
      progress.training_seconds > 0 ? progress.images / progress.training_seconds : 0;
  result.solved = task.trainer.solved();
  const double effective_label = progress.true_label_sum / progress.images;
  if (std::isfinite(effective_label)) result.effective_label = std::min(1.0, effective_label);
  result.teacher = task.trainer.soft_labels().teacher_metrics();
  result.soft_labels = task.trainer.soft_labels().source();
  return result;
}

/// The weights of a finished run may have been removed, to save space; but not be damaged.
void check_best(const fs::path& directory) try {
  const fs::path best = directory / run_files::best;
  if (fs::exists(best)) nn::read_safetensors_header(best);
} catch (const kernels::Error& e) {
  fail("{0} has its result, but {1}; remove {0} to run again", directory.string(), e.what());
}

/// What rank 0 has found, if that is a result; which other ranks need not know.
std::optional<RunResult> agreed(const std::optional<RunResult>& found) {
  if (kernels::any_rank(found.has_value())) return found ? found : RunResult{};
  return std::nullopt;
}

/// So that whoever has the weights alone can divide logits by it.
void put_fitted_temperature(const Task& task, const RunResult& result) {
  if (!result.test.scaled || result.test.scaled->at_bound()) return;
  const fs::path path = task.run->file(run_files::best);
  nn::TensorFile file = nn::read_safetensors(path);
  put_temperature(file, result.test.scaled->temperature);
  nn::write_safetensors(path, file);
}

}  // namespace

RunIdentity identity_of(const RunConfig& config, const TrainingData& data,
                        const RunInputs& inputs) {
  RunIdentity identity{.config = config, .data = data_identity(data.about())};
  identity.inputs["data"] = data.fingerprint();
  const auto print = [](const fs::path& file) {
    return file.empty() ? std::string() : file_fingerprint(file);
  };
  identity.inputs["teacher"] = print(inputs.teacher);
  identity.inputs["weights"] = print(inputs.weights);
  for (const fs::path& file : inputs.teacher_logits)
    identity.inputs["teacher_logits"].push_back(print(file));
  if (!inputs.labels.empty()) identity.inputs["labels"] = print(inputs.labels);
  if (kernels::ranks().count > 1) identity.inputs["ranks"] = kernels::ranks().count;
  return identity;
}

RunResult train_run(const RunConfig& config, const TrainingData& data, const RunInputs& inputs,
                    const fs::path& directory, const RunOptions& options) {
  validate(config);
  const data::Split split = split_for(config, data.about());
  const RunIdentity identity = identity_of(config, data, inputs);
  require_agreement(identity, options.provenance);
  const auto finished = [&] {
    return has_directory() ? find_result(directory, identity) : std::nullopt;
  };
  if (const auto result = agreed(finished())) {
    if (has_directory()) {
      settle(directory);
      check_best(directory);
    }
    return *result;
  }

  std::optional<Continuation> continuation;
  if (has_directory()) continuation.emplace(directory, options);
  take_threads_of_first();
  kernels::set_precision(config.precision);
  Trainer trainer(config, data, split, inputs, options.graph);
  std::optional<RunDirectory> run;
  if (continuation) run.emplace(directory, identity, continuation->provenance());
  if (const auto result = agreed(finished())) return *result;  // by someone else, just now
  if (continuation) continuation->check_again();

  const Task task{config, data, split, identity.data, run, trainer};
  RunProgress progress;
  if (run) progress = resume(task);
  share(trainer.state(), progress);
  if (run && options.after_start) options.after_start(progress.epochs);
  train_epochs(task, progress, options);
  const RunResult result = result_of(task, progress, options);
  if (run) {
    put_fitted_temperature(task, result);
    task.save(run_files::final_weights, progress.epochs);
    run->write_result(result, continuation->provenance());
  }
  return result;
}

}  // namespace experiments
