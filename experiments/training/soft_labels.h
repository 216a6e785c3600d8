// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "engine/ops.h"
#include "experiments/metrics/metrics.h"
#include "experiments/runs/config.h"
#include "experiments/runs/training_data.h"
#include "nn/model.h"

namespace experiments {

/// Makes the soft labels of each batch: from nothing (ce, ls), from a teacher, or from an EMA
/// model.
///
/// Without augmentation a teacher in eval mode says the same of a sample in every epoch: its logits
/// are then computed once, in samples x classes floats on the host, and each epoch uploads them in
/// its order. Equal to the teacher's own forward pass up to the float noise of another batch size.
class SoftLabels {
 public:
  /// `student` is the network as it starts training; `teacher` a weight file, for sd only. Throws
  /// Error if the file does not fit.
  SoftLabels(const RunConfig&, const TrainingData&, nn::Model& student,
             const std::vector<std::int32_t>& samples, const std::filesystem::path& teacher);

  /// `order` is the epoch's, a permutation of the samples.
  void start_epoch(const std::vector<std::int32_t>& order);

  /// Targets of the batch that starts at `first` in the epoch's order.
  engine::SoftTargets targets(const engine::Batch&, std::size_t first, const engine::StepState&);

  nn::Model* ema() { return ema_.get(); }  // null unless the loss uses one

  /// The values that were solved for: {"temperature": 2.31} or {"beta_a": 3} with an effective
  /// label, {"log_mean_omega": 7.2} with omega.
  Json solved() const;
  /// Of a teacher's predictions at the temperature, on the clean training images; none without one.
  const std::optional<Metrics>& teacher_metrics() const { return teacher_metrics_; }

 private:
  /// Solves the temperature and the scale of omega, measures the teacher, and keeps what it says if
  /// that is constant.
  void ask_teacher(const TrainingData&, const std::vector<std::int32_t>& samples,
                   const std::filesystem::path& teacher);
  nn::Tensor teacher_logits(const engine::Batch&, std::size_t first);
  nn::Tensor ema_logits(const engine::Batch&);

  RunConfig config_;  // with the temperature or a that was solved
  double log_mean_omega_ = 0;
  int classes_;
  nn::Device device_;
  std::unique_ptr<nn::Model> teacher_, ema_;
  std::optional<Metrics> teacher_metrics_;
  std::vector<float> table_;          // teacher's logits of each sample, if they are constant
  std::vector<std::int32_t> row_of_;  // row in table_ by index in the data set
  nn::Tensor epoch_logits_;           // table_ in the epoch's order
};

}  // namespace experiments
