// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "engine/ops.h"
#include "experiments/metrics/metrics.h"
#include "experiments/runs/config.h"
#include "experiments/runs/samples/training_data.h"
#include "experiments/training/run_inputs.h"
#include "experiments/training/soft_labels/teacher_store.h"
#include "nn/model.h"

namespace experiments {

/// The rows of a batch that this rank computes.
struct RankPart {
  int first = 0, rows = 0, of = 0;  // of a batch of so many
};
RankPart part_of_rank(int rows_of_batch);

/// Makes the soft labels of each batch: from nothing (ce, ls), from a teacher, from files, from an
/// EMA model, or from what the network said in the epoch before.
///
/// What is constant in an epoch is a table: samples x classes floats on the host, which each epoch
/// uploads in its order. Such are what files say, probabilities or a teacher's logits; and without
/// augmentation what a teacher in eval mode says, equal to its own forward pass up to the float
/// noise of another batch size. With augmentation a teacher is asked about each view; its answers
/// may be kept for other runs.
///
/// Where views are mixed (kernels/mixing.h) the labels of both images count by their shares, and so
/// do rows of a table, as probabilities; a teacher or an EMA model is asked about the mixture.
class SoftLabels {
 public:
  /// `student` is the network as it starts training. Throws Error if a file does not fit, or is not
  /// for the loss.
  SoftLabels(const RunConfig&, const TrainingData&, nn::Model& student,
             const std::vector<std::int32_t>& samples, const RunInputs&);

  /// `order` is the epoch's, a permutation of the samples.
  void start_epoch(const std::vector<std::int32_t>& order, std::uint32_t epoch);

  /// After a whole epoch: keeps what a teacher said in it, if that is asked for; makes the next
  /// labels of what the network said, if it learns from that.
  void end_epoch(std::uint32_t epoch);

  /// The label of the true class, hard and soft part together, in the sum over the first `samples`
  /// of the epoch's order, which have been trained on: of a teacher's labels what it said of the
  /// views. NaN where that is known beforehand (ce, ls), and where views are mixed. All ranks ask
  /// together, once an epoch.
  double true_label_sum(int samples) const;

  /// Before and after a batch of `rows` samples that starts at `first` in the epoch's order: moves
  /// what belongs to it from and to tables, so that targets() is the same work for each batch.
  void start_batch(std::size_t first, int rows);
  void end_batch(std::size_t first, int rows);

  engine::SoftTargets targets(const engine::Batch&, const RankPart&, const engine::StepState&);

  /// What the network itself said of a batch, [n,k]: to be told once its loss is computed.
  void hear(const nn::Tensor& logits) const;

  /// Of the tables of the epoch, or null: with others targets() may be other work.
  std::vector<const void*> tables() const { return {epoch_table_.raw(), epoch_answers_.raw()}; }

  nn::Model* ema() { return ema_.get(); }  // null unless the run has one
  /// What is learnt of the network's own predictions, part of a training state; null if nothing is.
  std::vector<float>* learnt() { return learns_from_last_epoch(config_) ? &table_ : nullptr; }

  /// The values that were solved for: {"temperature": 2.31} or {"beta_a": 3} with an effective
  /// label, {"log_mean_omega": 7.2} with omega.
  Json solved() const;
  /// Of a teacher's predictions at the temperature, on the clean training images; none without one.
  const std::optional<Metrics>& teacher_metrics() const { return teacher_metrics_; }
  /// "a teacher, asked about each view", "probabilities by image, from a file": where soft labels
  /// that are not the run's own came from; empty if there are none.
  const std::string& source() const { return source_; }

 private:
  /// What the teacher, or each of several, says of the samples: [teachers, samples, classes].
  std::vector<float> teacher_answers(const TrainingData&, const std::vector<std::int32_t>& samples,
                                     const RunInputs&);
  /// Solves the temperature and the scale of omega, measures the teacher, and keeps what it says if
  /// that is constant.
  void learn_from_teacher(const TrainingData&, const std::vector<std::int32_t>& samples,
                          const RunInputs&);
  /// The row of a sample in an epoch whose order has the partners of mixing.
  void write_row(float* to, std::int32_t sample, const std::vector<std::int32_t>& order,
                 std::uint32_t epoch) const;
  void keep(std::vector<float> table, const std::vector<std::int32_t>& samples, std::size_t images);
  void learn_from_last_epoch(const std::vector<std::int32_t>& samples);
  /// Of the first rows of `batch_rows_`.
  nn::Tensor batch_rows(int rows) const { return batch_rows_.slice(0, {rows, classes_}); }
  /// A batch's part of a table of the epoch.
  nn::Tensor part(const nn::Tensor& table, std::size_t first, int rows) const;
  /// The rows of the epoch's table for a batch; none if there is no table.
  nn::Tensor constant_rows(const engine::Batch&) const;
  nn::Tensor teacher_logits(const engine::Batch&);
  nn::Tensor ema_logits(const engine::Batch&);
  /// Whether labels are the softmax of logits that come with the batch.
  bool are_logits() const;
  /// Of the first rows of `batch_labels_`.
  nn::Tensor batch_labels(int rows) const { return batch_labels_.slice(0, {rows}); }
  /// Of this rank's samples, whose ranks are those among all of the batch.
  nn::Tensor beta_labels(const engine::Batch&, const RankPart&, const engine::StepState&);

  RunConfig config_;  // with the temperature or a that was solved
  double log_mean_omega_ = 0;
  int classes_;
  int view_height_, view_width_;
  nn::Device device_;
  const std::vector<std::int32_t>& labels_;  // by index in the data set
  std::unique_ptr<nn::Model> teacher_, ema_;
  std::optional<Metrics> teacher_metrics_;
  std::string source_;
  std::vector<float> table_;  // [rows, classes] logits or probabilities, constant in an epoch
  std::vector<std::int32_t> row_of_;  // row in table_ by index in the data set
  std::vector<std::int32_t> order_;   // the epoch's
  std::vector<float> true_labels_;    // of the true class, in that order, by table_
  nn::Tensor epoch_table_;            // table_, or what the store has, in that order
  std::optional<TeacherStore> store_;
  nn::Tensor epoch_answers_;  // the teacher's, for the store, or the network's own
  nn::Tensor batch_rows_;     // [batch_size, classes]: of one or the other, for a batch
  nn::Tensor epoch_labels_;   // [samples]: the same of others; of logits -log of them
  nn::Tensor batch_labels_;   // [batch_size]: of those, for a batch
};

}  // namespace experiments
