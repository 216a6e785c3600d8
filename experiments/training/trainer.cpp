// SPDX-License-Identifier: MIT
#include "experiments/training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/process/stop_signal.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace fs = std::filesystem;
using engine::Tensor;
using kernels::require;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int loss_check_interval = 50;  // steps

nn::Schedule schedule_of(const RunConfig& c, int steps_per_epoch) {
  nn::Schedule schedule;
  schedule.base = float(c.lr);
  schedule.epochs = c.epochs;
  if (c.schedule == ScheduleKind::cosine) schedule.kind = nn::Schedule::Kind::cosine;
  if (c.schedule == ScheduleKind::multi_step) schedule.milestones = c.milestones;
  schedule.factor = float(c.lr_factor);
  schedule.warmup_steps = c.warmup_epochs * steps_per_epoch;
  return schedule;
}

nn::OptimizerOptions optimizer_options(const RunConfig& c) {
  return {.momentum = float(c.momentum),
          .weight_decay = float(c.weight_decay),
          .nesterov = c.nesterov,
          .rule = c.optimizer,
          .beta1 = c.adam_beta1,
          .beta2 = c.adam_beta2,
          .epsilon = float(c.adam_epsilon),
          .clip_norm = float(c.clip_norm)};
}

std::unique_ptr<nn::Model> starting_model(const RunConfig& c, const TrainingData& data,
                                          const RunInputs& inputs) {
  check_inputs(c, inputs);
  const fs::path& weights = inputs.weights;
  auto model = nn::make_model(c.model, data.model_input(), data.device(), c.seed);
  if (c.new_head)
    load_body(weights, *model, data.about());
  else if (!weights.empty())
    load_weights(weights, *model, data.about());
  if (c.freeze == Freeze::body) nn::freeze_body(*model);
  return model;
}

data::View view_of(const RunConfig& c, const data::DeviceImages& images) {
  const bool standard = c.augment == data::Augmentation::standard;
  return data::mixed(standard ? images.standard(c.seed) : images.normalise_only(),
                     {.mixup = c.mixup, .cutmix = c.cutmix, .seed = c.seed});
}

}  // namespace

Trainer::Trainer(const RunConfig& config, const TrainingData& data, const data::Split& split,
                 const RunInputs& inputs, std::optional<bool> graph)
    : config_(config),
      data_(data),
      samples_(split.train),
      schedule_(schedule_of(config, batches_per_epoch())),
      ema_limit_(experiments::ema_limit(
          config, std::min(double(config.epochs) * batches_per_epoch(),
                           config.max_steps > 0 ? double(config.max_steps) : HUGE_VAL))),
      model_(starting_model(config, data, inputs)),
      optimizer_(*model_, optimizer_options(config)),
      soft_labels_(config, data, *model_, samples_, inputs),
      own_loss_(own_loss(config.loss)),
      step_(data.device()),
      augment_(view_of(config, data.train())),
      correct_(Tensor::zeros({1}, data.device(), engine::DType::i32)),
      losses_(Tensor::empty({batches_per_epoch()}, data.device())),
      asked_(kernels::make_host_buffer(data.device(), loss_check_interval * sizeof(float))),
      places_(Tensor::empty({config.batch_size}, data.device(), engine::DType::i32)),
      share_(Tensor::empty({1}, data.device())),
      graph_is_a_must_(graph.value_or(false)) {
  const int ranks = kernels::ranks().count;
  const int least = (int(samples_.size()) - 1) % config.batch_size + 1;
  require(
      ranks == 1 || least >= ranks,
      "the {} batch of an epoch has {} image{}, fewer than there are ranks ({}): choose another "
      "`batch_size` or `train_limit`",
      batches_per_epoch() == 1 ? "only" : "last", least, least == 1 ? "" : "s", ranks);
  require(ranks > 1 || !config.sync_batch_norm,
          "`sync_batch_norm` is for several ranks, and this is the only one");
  // What a program brought along may do on the host what a recorded step would not do again.
  const bool ours = !own_loss_ && !nn::is_registered_model(config.model);
  if (!graph.value_or(ours)) return;
  std::vector<std::int64_t*> counters{&model_->batches_tracked};
  if (nn::Model* ema = soft_labels_.ema()) counters.push_back(&ema->batches_tracked);
  graph_.emplace(data.device(), counters);
}

Json Trainer::solved() const {
  Json solved = soft_labels_.solved();
  if (uses_ema(config_) && config_.ema_decay == 0) solved["ema_decay"] = ema_limit_;
  return solved;
}

void Trainer::step(const data::Batches& batches, int batch_number) {
  const Tensor index = batches.index(batch_number);
  const RankPart part = part_of_rank(index.shape()[0]);
  batches.fetch({batch_number, part.first, part.rows});
  const std::size_t first =
      std::size_t(batch_number) * std::size_t(config_.batch_size) + std::size_t(part.first);
  const Tensor places = places_.slice(0, {part.rows});
  places.copy_from(index.slice(std::size_t(part.first), {part.rows}));
  soft_labels_.start_batch(first, part.rows);
  const auto work = [&] { compute(batches, places, part); };
  if (graph_ && part.of == config_.batch_size) {
    std::vector<const void*> addresses = soft_labels_.tables();
    addresses.push_back(batches.order().raw());
    addresses.push_back(batches.fetched());
    run_whole(work, addresses);
  } else {
    work();
  }
  soft_labels_.end_batch(first, part.rows);
}

void Trainer::run_whole(const std::function<void()>& work,
                        const std::vector<const void*>& addresses) {
  try {
    graph_->run(work, addresses);
  } catch (const engine::NotRecorded& e) {
    if (graph_is_a_must_) throw;
    note(fmt::format("steps are launched kernel by kernel, as a graph cannot be made of them: {}",
                     e.what()));
    graph_.reset();
    work();
  }
}

Tensor Trainer::share_of(const Tensor& loss, const RankPart& part) const {
  if (part.rows == part.of) return loss;
  engine::fill(share_, float(part.rows) / float(part.of));
  return engine::scale(loss, share_);
}

Tensor Trainer::loss_of(const Tensor& logits, const engine::Batch& batch, const RankPart& part) {
  if (own_loss_) return own_loss_(logits, batch, step_);
  if (config_.loss == Loss::zipf)
    return engine::zipf_loss(logits, batch.labels, float(config_.zipf_weight));
  return engine::soft_target_loss(logits, batch.labels, soft_labels_.targets(batch, part, step_));
}

void Trainer::compute(const data::Batches& batches, const Tensor& places, const RankPart& part) {
  const engine::Batch batch = batches.of(places);
  const nn::Mode learning = config_.sync_batch_norm ? nn::Mode::synchronised : nn::Mode::train;
  const bool frozen = config_.freeze == Freeze::body;
  const Tensor logits = model_->forward(batch.images, frozen ? nn::Mode::eval : learning);
  const Tensor mean_loss = loss_of(logits, batch, part);
  soft_labels_.hear(logits.detach());
  const Tensor loss = share_of(mean_loss, part);
  model_->parameters().zero_grad();
  optimizer_.backward(loss);
  // An EMA model that nobody asks anything has no forward pass to move its own buffers.
  optimizer_.step(step_, soft_labels_.ema(),
                  config_.ema_buffers == EmaBuffers::averaged || !asks_ema(config_));
  engine::count_correct(logits.detach(), batch.labels, correct_,
                        {.loss = loss.detach().view({1}), .losses = losses_, .step = &step_});
}

void Trainer::average_statistics() {
  const int ranks = kernels::ranks().count;
  if (ranks == 1 || config_.sync_batch_norm || config_.freeze == Freeze::body) return;
  engine::fill(share_, 1 / float(ranks));
  for (nn::Model* model : {model_.get(), soft_labels_.ema()}) {
    if (model == nullptr) continue;
    const Tensor& running = model->parameters().running();
    engine::all_reduce(running);
    running.copy_from(engine::scale(running, share_));
  }
}

void Trainer::ask_losses(int first, int done) {
  count_asked_ = done - first;
  if (count_asked_ == 0) return;
  const Tensor wanted = losses_.slice(std::size_t(first), {count_asked_});
  engine::all_reduce(wanted);
  asked_->fetch(wanted.raw(), wanted.bytes());
}

void Trainer::hear_losses(const RunProgress& progress, std::vector<float>& known) {
  if (count_asked_ == 0) return;
  asked_->wait();
  const auto* const heard = reinterpret_cast<const float*>(asked_->data());
  for (int i = 0; i < count_asked_; ++i) {
    known.push_back(heard[i]);
    require(std::isfinite(heard[i]),
            "the loss is {} at step {}, in epoch {}: training has diverged; try a lower `lr` than "
            "{}. Checkpoints stay those of epoch {}",
            heard[i], progress.steps + known.size(), progress.epochs + 1, config_.lr,
            progress.epochs);
  }
  count_asked_ = 0;
}

EpochRecord Trainer::epoch(RunProgress& progress, Progress& bar, std::vector<float>& loss_of_step) {
  const auto start = Clock::now();
  const auto order = data::epoch_order(samples_, config_.order, config_.seed, progress.epochs);
  const data::Batches batches(data_.train(), order, config_.batch_size, augment_, step_);
  soft_labels_.start_epoch(order, std::uint32_t(progress.epochs));
  correct_.copy_from(Tensor::zeros({1}, data_.device(), engine::DType::i32));
  loss_of_step.clear();

  float learning_rate = 0;
  const int steps = steps_in_epoch(progress);
  double samples = 0, loss_sum = 0;
  const auto batch_samples = [&](int b) {
    return std::min<int>(config_.batch_size, batches.samples() - b * config_.batch_size);
  };
  std::vector<data::BatchRows> wanted;
  for (int b = 0; b < steps; ++b) {
    const RankPart part = part_of_rank(batch_samples(b));
    wanted.push_back({b, part.first, part.rows});
  }
  batches.read_ahead(std::move(wanted), std::uint32_t(progress.epochs));
  for (int b = 0; b < steps; ++b) {
    if (kernels::any_rank(stop_requested())) {
      throw Interrupted(fmt::format("stopped in epoch {}; the same command goes on after epoch {}",
                                    progress.epochs + 1, progress.epochs));
    }
    const std::uint32_t now = progress.steps + std::uint32_t(b);
    learning_rate = schedule_.at(progress.epochs, now);
    step_.set({.learning_rate = learning_rate,
               .ema_decay = nn::ema_decay(now, float(ema_limit_)),
               .epoch = std::uint32_t(progress.epochs),
               .step = now,
               .batch = std::uint32_t(b)});
    step(batches, b);
    bar.advance(batch_samples(b));
    samples += batch_samples(b);
    if ((b + 1) % loss_check_interval == 0) {
      hear_losses(progress, loss_of_step);  // asked for so many steps ago: nothing waits
      ask_losses(int(loss_of_step.size()), b + 1);
    }
  }
  hear_losses(progress, loss_of_step);
  ask_losses(int(loss_of_step.size()), steps);
  hear_losses(progress, loss_of_step);
  progress.true_label_sum += soft_labels_.true_label_sum(int(samples));
  engine::all_reduce(correct_);
  average_statistics();
  if (steps == batches.count()) soft_labels_.end_epoch(std::uint32_t(progress.epochs));
  for (int b = 0; b < steps; ++b)
    loss_sum += double(loss_of_step[std::size_t(b)]) * batch_samples(b);

  const double seconds = seconds_since(start);
  progress.epochs += 1;
  progress.steps += std::uint32_t(steps);
  progress.images += samples;
  progress.training_seconds += seconds;
  EpochRecord record;
  record.epoch = progress.epochs;
  record.learning_rate = learning_rate;
  record.train_loss = loss_sum / samples;
  record.train_accuracy = correct_.to_host<std::int32_t>()[0] / samples;
  record.images_per_second = samples / seconds;
  return record;
}

}  // namespace experiments
