// SPDX-License-Identifier: MIT
#include "experiments/training/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/system/fingerprint.h"
#include "engine/system/progress.h"
#include "engine/system/stop_signal.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/csv_log.h"
#include "experiments/runs/run_leftovers.h"
#include "experiments/training/continuation.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/soft_labels.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace fs = std::filesystem;
using engine::Tensor;
using kernels::fail;
using kernels::require;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

nn::Schedule schedule_of(const RunConfig& c) {
  nn::Schedule schedule;
  schedule.base = float(c.lr);
  schedule.epochs = c.epochs;
  if (c.schedule == ScheduleKind::cosine) schedule.kind = nn::Schedule::Kind::cosine;
  if (c.schedule == ScheduleKind::multi_step) schedule.milestones = c.milestones;
  schedule.factor = float(c.lr_factor);
  return schedule;
}

std::unique_ptr<nn::Model> starting_model(const RunConfig& c, const TrainingData& data,
                                          const fs::path& weights) {
  auto model = nn::make_model(c.model, data.model_input(), data.device(), c.seed);
  if (!weights.empty()) load_weights(weights, *model, data.about());
  return model;
}

/// Everything that training changes, and the steps that change it.
class Trainer {
 public:
  Trainer(const RunConfig& config, const TrainingData& data, const data::Split& split,
          const RunInputs& inputs)
      : config_(config),
        data_(data),
        samples_(split.train),
        schedule_(schedule_of(config)),
        model_(starting_model(config, data, inputs.weights)),
        optimizer_(*model_, {.momentum = float(config.momentum),
                             .weight_decay = float(config.weight_decay)}),
        soft_labels_(config, data, *model_, samples_, inputs.teacher),
        step_(data.device()),
        augment_(config.augment == data::Augmentation::standard ? data.train().standard(config.seed)
                                                                : data.train().normalise_only()),
        correct_(Tensor::zeros({1}, data.device(), engine::DType::i32)),
        losses_(Tensor::empty({batches_per_epoch()}, data.device())) {}

  nn::Model& model() { return *model_; }
  TrainerState trained() { return {*model_, optimizer_, soft_labels_.ema()}; }
  const SoftLabels& soft_labels() const { return soft_labels_; }

  bool finished(const RunProgress& state) const {
    return state.epochs >= config_.epochs || steps_in_epoch(state) == 0;
  }

  /// Samples that training will see from `state` to the end.
  double samples_ahead(RunProgress state) const {
    double samples = 0;
    for (; !finished(state); ++state.epochs) {
      const int steps = steps_in_epoch(state);
      samples += std::min(double(steps) * config_.batch_size, double(samples_.size()));
      state.steps += std::uint32_t(steps);
    }
    return samples;
  }

  /// Trains for one epoch and moves the counters of `state` past it. `loss_of_step` gets the loss
  /// of each of its steps.
  EpochRecord epoch(RunProgress& state, Progress&, std::vector<float>& loss_of_step);

 private:
  int batches_per_epoch() const {
    return (int(samples_.size()) + config_.batch_size - 1) / config_.batch_size;
  }
  int steps_in_epoch(const RunProgress& state) const {
    if (config_.max_steps == 0) return batches_per_epoch();
    return std::clamp(config_.max_steps - int(state.steps), 0, batches_per_epoch());
  }
  void step(const data::Batches&, int batch);
  void check_losses(const RunProgress&, std::vector<float>& known, int done) const;

  static constexpr int loss_check_interval = 50;  // steps; each check waits for the device

  const RunConfig& config_;
  const TrainingData& data_;
  const std::vector<std::int32_t>& samples_;
  nn::Schedule schedule_;
  std::unique_ptr<nn::Model> model_;
  nn::Optimizer optimizer_;
  SoftLabels soft_labels_;
  engine::StepState step_;
  data::View augment_;
  Tensor correct_;  // [1] i32: right answers in this epoch
  Tensor losses_;   // [steps of an epoch]: read now and then, as reading waits for the device
};

void Trainer::step(const data::Batches& batches, int batch_number) {
  const engine::Batch batch = batches.at(batch_number);
  const Tensor logits = model_->forward(batch.images, nn::Mode::train);
  const Tensor loss = engine::soft_target_loss(
      logits, batch.labels,
      soft_labels_.targets(batch, std::size_t(batch_number) * std::size_t(config_.batch_size),
                           step_));
  model_->parameters().zero_grad();
  loss.backward();
  optimizer_.step(step_, soft_labels_.ema(), config_.ema_buffers == EmaBuffers::averaged);
  losses_.slice(std::size_t(batch_number), loss.shape()).copy_from(loss);
  engine::count_correct(logits.detach(), batch.labels, correct_);
}

void Trainer::check_losses(const RunProgress& state, std::vector<float>& known, int done) const {
  const std::size_t first = known.size();
  if (done == int(first)) return;
  const std::vector<float> more = losses_.slice(first, {done - int(first)}).to_host();
  for (const float loss : more) {
    known.push_back(loss);
    require(std::isfinite(loss),
            "the loss is {} at step {}, in epoch {}: training has diverged; try a lower --lr than "
            "{}. Checkpoints stay those of epoch {}",
            loss, state.steps + known.size(), state.epochs + 1, config_.lr, state.epochs);
  }
}

EpochRecord Trainer::epoch(RunProgress& state, Progress& progress,
                           std::vector<float>& loss_of_step) {
  const auto start = Clock::now();
  const auto order = data::epoch_order(samples_, config_.order, config_.seed, state.epochs);
  const data::Batches batches(data_.train(), order, config_.batch_size, augment_, step_);
  soft_labels_.start_epoch(order);
  const Tensor zero = Tensor::zeros({1}, data_.device(), engine::DType::i32);
  correct_.copy_from(zero);
  loss_of_step.clear();

  const float learning_rate = schedule_.at(state.epochs);
  const int steps = steps_in_epoch(state);
  double samples = 0, loss_sum = 0;
  const auto batch_samples = [&](int b) {
    return std::min<int>(config_.batch_size, batches.samples() - b * config_.batch_size);
  };
  for (int b = 0; b < steps; ++b) {
    if (stop_requested()) {
      throw Interrupted(fmt::format("stopped in epoch {}; the same command goes on after epoch {}",
                                    state.epochs + 1, state.epochs));
    }
    const std::uint32_t now = state.steps + std::uint32_t(b);
    step_.set({.learning_rate = learning_rate,
               .ema_decay = nn::ema_decay(now, float(config_.ema_decay)),
               .epoch = std::uint32_t(state.epochs),
               .step = now});
    step(batches, b);
    progress.advance(batch_samples(b));
    samples += batch_samples(b);
    if ((b + 1) % loss_check_interval == 0) check_losses(state, loss_of_step, b + 1);
  }
  check_losses(state, loss_of_step, steps);
  for (int b = 0; b < steps; ++b)
    loss_sum += double(loss_of_step[std::size_t(b)]) * batch_samples(b);

  const double seconds = seconds_since(start);
  state.epochs += 1;
  state.steps += std::uint32_t(steps);
  state.images += samples;
  state.training_seconds += seconds;
  EpochRecord record;
  record.epoch = state.epochs;
  record.learning_rate = learning_rate;
  record.train_loss = loss_sum / samples;
  record.train_accuracy = correct_.to_host<std::int32_t>()[0] / samples;
  record.images_per_second = samples / seconds;
  return record;
}

/// The two logs of a run.
class Logs {
 public:
  Logs(const RunDirectory& place, const RunProgress& state, bool log_steps)
      : epochs_(place.file("epochs.csv"),
                "epoch,lr,train_loss,train_accuracy,val_accuracy,val_nll,seconds,images_per_s",
                std::uint32_t(state.epochs)) {
    if (log_steps) steps_.emplace(place.file("steps.csv"), "step,loss", state.steps);
    say_missing(place.file("epochs.csv"), epochs_);
    if (steps_) say_missing(place.file("steps.csv"), *steps_);
  }

  void add(const EpochRecord& r, const RunProgress& state, const std::vector<float>& losses) {
    const auto text = [](const std::optional<double>& x) { return x ? fmt::format("{}", *x) : ""; };
    epochs_.add(fmt::format("{},{:.6g},{},{},{},{},{:.3f},{:.1f}\n", r.epoch, r.learning_rate,
                            r.train_loss, r.train_accuracy, text(r.val_accuracy), text(r.val_nll),
                            r.seconds, r.images_per_second));
    if (!steps_) return;
    std::string rows;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      rows += fmt::format("{},{}\n", state.steps - losses.size() + i + 1, losses[i]);
    }
    steps_->add(rows);
  }

  /// Before a checkpoint that counts on the rows.
  void flush() {
    epochs_.flush();
    if (steps_) steps_->flush();
  }

 private:
  static void say_missing(const fs::path& file, const CsvLog& log) {
    if (log.missing() == 0) return;
    note(
        fmt::format("{} lacks {} of the rows before the checkpoint; the training goes on, but its "
                    "curves have gaps: remove {} to train from the start",
                    file.string(), log.missing(), file.parent_path().string()));
  }

  CsvLog epochs_;
  std::optional<CsvLog> steps_;
};

/// Measures the held-out samples.
void validate_epoch(EpochRecord& record, nn::Model& model, const TrainingData& data,
                    const std::vector<std::int32_t>& samples, const RunConfig& config) {
  if (samples.empty()) return;
  const std::vector<float> logits = logits_of(model, data.train(), samples);
  require(all_finite(logits),
          "the network's outputs are not finite after epoch {}: training has diverged; try a lower "
          "--lr than {}",
          record.epoch, config.lr);
  const auto labels = labels_of(data.about().train.labels, samples);
  const Metrics metrics = measure({logits, labels, data.about().classes});
  record.val_accuracy = metrics.accuracy;
  record.val_nll = metrics.nll;
}

std::string progress_note(const EpochRecord& r, int epochs) {
  std::string note = fmt::format("epoch {}/{}  loss {:.3f}", r.epoch, epochs, r.train_loss);
  if (r.val_accuracy) note += fmt::format("  val {:.1f} %", 100 * *r.val_accuracy);
  return note;
}

RunResult measure_best(nn::Model& model, const TrainingData& data, const data::Split& split,
                       int bins) {
  struct Outputs {
    std::vector<float> logits;
    std::vector<std::int32_t> labels;
  };
  const data::Dataset& about = data.about();
  const auto outputs_of = [&](const data::DeviceImages& images, const data::Images& part,
                              const std::vector<std::int32_t>& samples) {
    return Outputs{logits_of(model, images, samples), labels_of(part.labels, samples)};
  };
  const auto view = [&](const Outputs& o) {
    return LabelledLogits{o.logits, o.labels, about.classes};
  };
  RunResult result;
  result.train = measure(view(outputs_of(data.train(), about.train, split.train)), bins);
  const Outputs test = outputs_of(data.test(), about.test, all_indices(about.test.labels.size()));
  result.test = measure(view(test), bins);
  if (!split.validation.empty()) {
    const Outputs held_out = outputs_of(data.train(), about.train, split.validation);
    result.validation = measure(view(held_out), bins);
    result.test.scaled = measure_scaled(view(test), view(held_out), bins);
  }
  return result;
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
  return identity;
}

RunResult train_run(const RunConfig& config, const TrainingData& data, const RunInputs& inputs,
                    const fs::path& directory, const RunOptions& options) {
  validate(config);
  const data::Split split = split_for(config, data.about());
  const RunIdentity identity = identity_of(config, data, inputs);
  if (const auto result = find_result(directory, identity)) {
    settle(directory);
    return *result;
  }

  const Continuation continuation(directory, options);
  Trainer trainer(config, data, split, inputs);
  const RunDirectory place(directory, identity, continuation.provenance());
  if (const auto result = find_result(directory, identity))
    return *result;  // by someone else, just now
  continuation.check_again();
  const fs::path best = place.file("best.safetensors"), last = place.file("last.safetensors");

  const auto read_best = [&] { return load_model(best, config.model, data); };

  RunProgress state;
  if (fs::exists(last)) {
    try {
      state = load_training_state(last, trainer.trained());
      if (state.best_epoch != state.epochs) read_best();  // needed in the end: told of now
    } catch (const kernels::Error& e) {  // damaged; or plain weights, the result being lost
      fail("{}; remove {} to run again", e.what(), directory.string());
    }
    // `last` is written first: a run killed between the two has the new weights there.
    if (state.best_epoch == state.epochs)
      save_checkpoint(best, trainer.model(), config, identity.data, state.best_epoch);
  }
  Logs logs(place, state, options.log_steps);
  {
    Progress progress(options.label, trainer.samples_ahead(state), "images");
    std::vector<float> losses;
    while (!trainer.finished(state)) {
      const auto start = Clock::now();
      EpochRecord record = trainer.epoch(state, progress, losses);
      validate_epoch(record, trainer.model(), data, split.validation, config);
      record.seconds = seconds_since(start);
      state.seconds += record.seconds;
      if (!record.val_accuracy || *record.val_accuracy >= state.best_accuracy) {
        state.best_accuracy = record.val_accuracy.value_or(0);
        state.best_epoch = record.epoch;
      }
      logs.add(record, state, losses);
      logs.flush();
      save_training_state(last, trainer.trained(), config, identity.data, state);
      if (state.best_epoch == record.epoch)
        save_checkpoint(best, trainer.model(), config, identity.data, record.epoch);
      progress.advance(0, progress_note(record, config.epochs));
      if (options.after_epoch && !options.after_epoch(record)) {
        throw Interrupted(fmt::format("stopped after epoch {}", record.epoch));
      }
    }
  }
  const auto best_model = read_best();
  RunResult result = measure_best(*best_model, data, split, ece_bins(config.protocol));
  result.best_epoch = state.best_epoch;
  result.epochs = state.epochs;
  result.steps = state.steps;
  result.seconds = state.seconds;
  result.images_per_second = state.training_seconds > 0 ? state.images / state.training_seconds : 0;
  result.solved = trainer.soft_labels().solved();
  result.teacher = trainer.soft_labels().teacher_metrics();
  save_checkpoint(place.file(final_weights_name), trainer.model(), config, identity.data,
                  state.epochs);
  place.write_result(result, continuation.provenance());
  return result;
}

}  // namespace experiments
