// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/process/progress.h"
#include "engine/step_graph.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/logs/epoch_log.h"
#include "experiments/training/own_loss.h"
#include "experiments/training/soft_labels/soft_labels.h"
#include "experiments/training/training.h"
#include "kernels/runtime/large_data.h"
#include "nn/optimizer.h"

namespace experiments {

/// Everything that training changes, and the steps that change it.
class Trainer {
 public:
  /// Starts from the weights in `inputs`, if there are any. Keeps references to all but those.
  /// Whole batches are one graph each on a GPU, if `graph` says so.
  Trainer(const RunConfig&, const TrainingData&, const data::Split&, const RunInputs&,
          std::optional<bool> graph);

  /// What is validated, kept and measured: the network, or its moving average.
  nn::Model& model() { return config_.evaluate_ema ? *soft_labels_.ema() : *model_; }
  TrainerState state() { return {*model_, optimizer_, soft_labels_.ema(), soft_labels_.learnt()}; }
  const SoftLabels& soft_labels() const { return soft_labels_; }

  /// What was solved for: the soft labels' values, and {"ema_decay": 0.98} if it was not given.
  Json solved() const;

  bool finished(const RunProgress& progress) const {
    return progress.epochs >= config_.epochs || steps_in_epoch(progress) == 0;
  }

  /// Samples that training will see from `progress` to the end.
  double samples_ahead(RunProgress progress) const {
    double samples = 0;
    for (; !finished(progress); ++progress.epochs) {
      const int steps = steps_in_epoch(progress);
      samples += std::min(double(steps) * config_.batch_size, double(samples_.size()));
      progress.steps += std::uint32_t(steps);
    }
    return samples;
  }

  /// Trains for one epoch and moves the counters of `progress` past it. `loss_of_step` gets the
  /// loss of each of its steps.
  EpochRecord epoch(RunProgress& progress, Progress& bar, std::vector<float>& loss_of_step);

 private:
  int batches_per_epoch() const {
    return (int(samples_.size()) + config_.batch_size - 1) / config_.batch_size;
  }
  int steps_in_epoch(const RunProgress& progress) const {
    if (config_.max_steps == 0) return batches_per_epoch();
    return std::clamp(config_.max_steps - int(progress.steps), 0, batches_per_epoch());
  }
  /// Computes this rank's part of a batch.
  void step(const data::Batches&, int batch);
  /// Does what computes a step of a whole batch, as a graph if it can be.
  void run_whole(const std::function<void()>& work, const std::vector<const void*>& addresses);
  /// What a step does, whichever it is: it reads places of samples, and scalars.
  void compute(const data::Batches&, const nn::Tensor& places, const RankPart&);
  nn::Tensor loss_of(const nn::Tensor& logits, const engine::Batch&, const RankPart&);  // the mean
  /// The loss of the whole batch is the sum of what this makes of each rank's.
  nn::Tensor share_of(const nn::Tensor& loss, const RankPart&) const;
  /// Makes the running statistics, which each rank's own batches have moved, their mean: it is
  /// where the mean of the batches' statistics would have moved them.
  void average_statistics();
  /// Asks for the losses from step `first` of the epoch to before `done`, which the host need not
  /// wait for, and hears those that were asked for.
  void ask_losses(int first, int done);
  void hear_losses(const RunProgress&, std::vector<float>& known);

  const RunConfig& config_;
  const TrainingData& data_;
  const std::vector<std::int32_t>& samples_;
  nn::Schedule schedule_;
  double ema_limit_;  // of the decay
  std::unique_ptr<nn::Model> model_;
  nn::Optimizer optimizer_;
  SoftLabels soft_labels_;
  OwnLoss own_loss_;  // in place of soft_target_loss, or null
  engine::StepState step_;
  data::View augment_;
  nn::Tensor correct_;                          // [1] i32: right answers in this epoch
  nn::Tensor losses_;                           // [steps of an epoch]
  std::unique_ptr<kernels::HostBuffer> asked_;  // some of them
  int count_asked_ = 0;
  nn::Tensor places_;  // [batch_size] i32: of the samples of a batch
  nn::Tensor share_;   // [1]: of this rank in a batch
  std::optional<engine::StepGraph> graph_;
  bool graph_is_a_must_;
};

}  // namespace experiments
