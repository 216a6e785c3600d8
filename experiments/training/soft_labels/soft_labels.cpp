// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/soft_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "engine/autograd.h"
#include "engine/process/progress.h"
#include "engine/system/fingerprint.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/runs/samples/sample_rows.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/soft_labels/ensemble.h"
#include "experiments/training/soft_labels/label_controls.h"
#include "experiments/training/soft_labels/matching.h"
#include "kernels/mixing.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/math_libraries.h"
#include "kernels/runtime/memory.h"

namespace experiments {

using kernels::require;
using kernels::SoftTarget;

namespace {

constexpr std::uint64_t ema_seed_offset =
    0x9E3779B97F4A7C15;  // the EMA's weights are not the student's

SoftTarget soft_target(const RunConfig& c) {
  switch (c.loss) {
    case Loss::ce: return SoftTarget::one_hot;
    case Loss::ls:
      return c.smoothing_over == SmoothingOver::all ? SoftTarget::smoothed_over_all
                                                    : SoftTarget::smoothed;
    case Loss::sd:
    case Loss::ema: return SoftTarget::teacher;
    case Loss::beta: return SoftTarget::beta;
    case Loss::soft:
    case Loss::pskd:
    case Loss::ols: return SoftTarget::probabilities;
    case Loss::zipf: break;  // a loss of its own, without soft labels
  }
  return SoftTarget::one_hot;
}

/// The mean probability that soft labels give the true class at an effective label, from
/// alpha + (1 - alpha) * mean = effective label.
double mean_soft_label(const RunConfig& c) { return (c.effective_label - c.alpha) / (1 - c.alpha); }

/// All that a teacher's answers about the views of an epoch depend on, to the bit.
Json asked_of(const std::filesystem::path& teacher, const RunConfig& c, const TrainingData& data,
              const std::vector<std::int32_t>& samples) {
  return {{"teacher", file_fingerprint(teacher)},
          {"data", data.fingerprint()},
          {"image_size", c.image_size},
          {"samples", fingerprint(std::as_bytes(std::span(samples)))},
          {"order", name_of(c.order)},
          {"seed", c.seed},
          {"batch_size", c.batch_size},
          {"augment", name_of(c.augment)},
          {"mixup", c.mixup},
          {"cutmix", c.cutmix},
          {"precision", name_of(c.precision)},
          {"device", data.device() == nn::Device::cuda ? kernels::gpu().name : "cpu"},
          {"libraries", kernels::math_libraries(data.device(), c.precision)},
          {"threads", kernels::threads()}};
}

/// Whether what is constant of a teacher is kept as probabilities, not as its logits.
bool keeps_probabilities(const RunConfig& c) {
  return mixes(c) || c.teacher_labels != TeacherLabels::own;
}

/// Who answered, the teacher itself or `teachers` files, and whether once for an image.
std::string teacher_text(bool itself, int teachers, bool constant) {
  if (itself && constant) return "a teacher, asked once about each image";
  if (itself) return "a teacher, asked about each view";
  if (teachers == 1) return "a teacher's logits by image, from a file";
  return fmt::format("{} teachers' logits by image, from files, averaged as probabilities",
                     teachers);
}

}  // namespace

RankPart part_of_rank(int rows) {
  const kernels::Ranks& ranks = kernels::ranks();
  const auto start_of = [&](int rank) { return int(std::int64_t(rows) * rank / ranks.count); };
  const int first = start_of(ranks.rank);
  return {first, start_of(ranks.rank + 1) - first, rows};
}

SoftLabels::SoftLabels(const RunConfig& config, const TrainingData& data, nn::Model& student,
                       const std::vector<std::int32_t>& samples, const RunInputs& inputs)
    : config_(config),
      classes_(data.about().classes),
      view_height_(data.model_input().height),
      view_width_(data.model_input().width),
      device_(data.device()),
      labels_(data.about().train.labels) {
  if (uses_ema(config)) {
    ema_ = nn::make_model(config.model, data.model_input(), device_, config.seed + ema_seed_offset);
    if (config.ema_init == EmaInit::copy) ema_->parameters().copy_from(student.parameters());
  }
  if (config.loss == Loss::beta && config.effective_label > 0)
    config_.beta_a = matching_beta_a(mean_soft_label(config));
  if (config.loss == Loss::sd) learn_from_teacher(data, samples, inputs);
  if (config.loss == Loss::soft) {
    const SampleRows rows = read_sample_rows(inputs.labels, RowKind::probabilities, data);
    keep(rows_of(rows, samples, classes_, inputs.labels.string()), samples, rows.row_of.size());
    source_ = "probabilities by image, from a file";
  }
  if (learns_from_last_epoch(config)) learn_from_last_epoch(samples);
}

void SoftLabels::learn_from_last_epoch(const std::vector<std::int32_t>& samples) {
  const auto width = std::size_t(classes_);
  if (config_.loss == Loss::pskd) {  // before there are predictions, a row is the hard label
    std::vector<float> rows(samples.size() * width);
    for (std::size_t i = 0; i < samples.size(); ++i)
      rows[i * width + std::size_t(labels_[std::size_t(samples[i])])] = 1;
    keep(std::move(rows), samples, labels_.size());
    source_ = "what the network said of each image in the epoch before";
  } else {
    table_.assign(width * width, 1 / float(classes_));
    row_of_ = labels_;
    source_ = "what the network said in the epoch before of the images of each class it had right";
  }
}

std::vector<float> SoftLabels::teacher_answers(const TrainingData& data,
                                               const std::vector<std::int32_t>& samples,
                                               const RunInputs& inputs) {
  std::vector<float> answers;
  for (const std::filesystem::path& file : inputs.teacher_logits) {
    const std::vector<float> more =
        rows_of(read_sample_rows(file, RowKind::logits, data), samples, classes_, file.string());
    answers.insert(answers.end(), more.begin(), more.end());
  }
  if (!inputs.teacher.empty()) {
    teacher_ = load_model(inputs.teacher, config_.teacher_model, data, config_.model);
    answers = logits_by_ranks(*teacher_, data.train(), samples);
    require(all_finite(answers), "{}: the teacher's outputs are not finite on the training images",
            inputs.teacher.string());
  }
  return answers;
}

void SoftLabels::learn_from_teacher(const TrainingData& data,
                                    const std::vector<std::int32_t>& samples,
                                    const RunInputs& inputs) {
  std::vector<float> logits = teacher_answers(data, samples, inputs);
  const int teachers = std::max(1, int(inputs.teacher_logits.size()));
  const std::vector<std::int32_t> labels = labels_of(data.about().train.labels, samples);
  if (config_.effective_label > 0) {
    std::vector<std::int32_t> labels_of_all;  // the mean over teachers is that over all their rows
    for (int k = 0; k < teachers; ++k)
      labels_of_all.insert(labels_of_all.end(), labels.begin(), labels.end());
    config_.temperature =
        matching_temperature(logits, labels_of_all, classes_, mean_soft_label(config_));
  }
  if (config_.omega) log_mean_omega_ = log_mean_omega(logits, classes_, config_.temperature);
  if (teachers > 1) logits = mean_teacher(logits, teachers, classes_, config_.temperature);
  const bool changed = config_.teacher_labels != TeacherLabels::own;
  const bool constant =
      !teacher_ || changed || (config_.augment == data::Augmentation::none && !mixes(config_));
  source_ = teacher_text(teacher_ != nullptr, teachers, constant);
  if ((!teacher_ || changed) && config_.augment != data::Augmentation::none)
    note(
        "the teacher's answers are by image, the same for each view that augmentation makes of "
        "it: a teacher itself, given by its weights, answers each view");
  if (constant && !inputs.kept_answers.root.empty())
    note("the teacher is asked once about each image, not about views: no answers are kept");
  else if (!inputs.kept_answers.root.empty())
    store_.emplace(inputs.kept_answers, asked_of(inputs.teacher, config_, data, samples));
  if (constant) {
    std::vector<float> table = logits;
    if (keeps_probabilities(config_))
      table = probabilities_of(logits, classes_, config_.temperature);
    if (config_.teacher_labels == TeacherLabels::weighted)
      weigh_by_power_sums(table, logits, classes_, config_.temperature);
    else if (changed)
      change_labels(table, labels, classes_, config_.teacher_labels, config_.split_seed);
    if (changed)  // what is measured is what the student sees
      std::ranges::transform(table, logits.begin(), [](float p) { return std::log(p + 1e-30f); });
    keep(std::move(table), samples, data.about().train.labels.size());
    teacher_ = nullptr;
  }
  if (!changed)
    for (float& z : logits) z /= float(config_.temperature);
  teacher_metrics_ = measure({logits, labels, classes_}, ece_bins(config_.protocol));
}

void SoftLabels::keep(std::vector<float> table, const std::vector<std::int32_t>& samples,
                      std::size_t images) {
  table_ = std::move(table);
  row_of_.assign(images, -1);
  for (std::size_t row = 0; row < samples.size(); ++row)
    row_of_[std::size_t(samples[row])] = std::int32_t(row);
}

Json SoftLabels::solved() const {
  Json solved = Json::object();
  if (config_.effective_label > 0 && config_.loss == Loss::beta) solved["beta_a"] = config_.beta_a;
  if (config_.effective_label > 0 && config_.loss == Loss::sd)
    solved["temperature"] = config_.temperature;
  if (config_.omega) solved["log_mean_omega"] = log_mean_omega_;
  return solved;
}

void SoftLabels::write_row(float* to, std::int32_t sample, const std::vector<std::int32_t>& order,
                           std::uint32_t epoch) const {
  const auto row = [&](std::int32_t of) {
    return table_.begin() + std::ptrdiff_t(row_of_[std::size_t(of)]) * classes_;
  };
  if (!mixes(config_)) {
    std::copy_n(row(sample), classes_, to);
    if (config_.loss != Loss::pskd) return;
    const double share = (1 - config_.alpha) * (epoch + 1) / config_.epochs;  // alpha_t of PS-KD
    for (int c = 0; c < classes_; ++c) to[c] = float(share * to[c]);
    to[labels_[std::size_t(sample)]] += float(1 - share);
    return;
  }
  const kernels::Mixing mixing{.mixup = config_.mixup,
                               .cutmix = config_.cutmix,
                               .partners = order.data(),
                               .partner_count = int(order.size()),
                               .seed = config_.seed};
  const kernels::Mixture mixture =
      kernels::mixture_of(mixing, epoch, sample, view_height_, view_width_);
  std::transform(row(sample), row(sample) + classes_, row(mixture.partner), to,
                 [&](float own, float other) { return kernels::mixed(mixture.share, own, other); });
}

void SoftLabels::start_epoch(const std::vector<std::int32_t>& order, std::uint32_t epoch) {
  epoch_table_ = {};  // so that the pool can give the same block again
  const int rows = int(order.size());
  order_ = order;
  const bool with_views = config_.loss == Loss::beta || (are_logits() && table_.empty());
  if (with_views && !mixes(config_) && !epoch_labels_) {
    epoch_labels_ = nn::Tensor::empty({rows}, device_);
    batch_labels_ = nn::Tensor::empty({config_.batch_size}, device_);
  }
  if (learns_from_last_epoch(config_) && !epoch_answers_)
    epoch_answers_ = nn::Tensor::empty({rows, classes_}, device_);
  for (const nn::Tensor& kept : {epoch_labels_, epoch_answers_})
    if (kept && kernels::ranks().count > 1) engine::fill(kept, 0);  // rows that others write
  if (store_) {
    if (const auto kept = store_->find(epoch, order.size() * std::size_t(classes_)))
      epoch_table_ = nn::Tensor::from(*kept, {rows, classes_}, device_);
    else
      epoch_answers_ = nn::Tensor::empty({rows, classes_}, device_);
  }
  if (table_.empty()) return;
  std::vector<float> ordered(order.size() * std::size_t(classes_));
  for (std::size_t i = 0; i < order.size(); ++i)
    write_row(ordered.data() + i * std::size_t(classes_), order[i], order, epoch);
  epoch_table_ = nn::Tensor::from(ordered, {rows, classes_}, device_);
  true_labels_.clear();
  if (mixes(config_)) return;
  if (are_logits()) ordered = probabilities_of(ordered, classes_, config_.temperature);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto row = std::span(ordered).subspan(i * std::size_t(classes_), std::size_t(classes_));
    const float weight = std::accumulate(row.begin(), row.end(), 0.0f);  // 1 unless rows have one
    true_labels_.push_back(row[std::size_t(labels_[std::size_t(order[i])])] / weight);
  }
}

void SoftLabels::end_epoch(std::uint32_t epoch) {
  if (!epoch_answers_) return;
  engine::all_reduce(epoch_answers_);
  const std::vector<float> answers = epoch_answers_.to_host();
  if (store_) {
    epoch_answers_ = {};
    return store_->keep(epoch, answers, classes_);
  }
  std::vector<std::int32_t> rows;
  for (const std::int32_t sample : order_) rows.push_back(row_of_[std::size_t(sample)]);
  const bool by_class = config_.loss == Loss::ols;  // so that rows are labels
  table_ = mean_predictions(answers, rows, by_class ? rows : std::vector<std::int32_t>{},
                            int(table_.size()) / classes_, classes_);
}

double SoftLabels::true_label_sum(int samples) const {
  std::vector<float> labels = true_labels_;
  if (epoch_labels_) {
    engine::all_reduce(epoch_labels_);
    labels = epoch_labels_.to_host();
  }
  if (labels.empty()) return std::numeric_limits<double>::quiet_NaN();
  labels.resize(std::size_t(samples));
  const bool as_logarithms = epoch_labels_ && are_logits();
  const double alpha = config_.loss == Loss::pskd ? 0 : config_.alpha;  // its rows have both parts
  double sum = 0;
  for (const float label : labels)
    sum += alpha + (1 - alpha) * (as_logarithms ? std::exp(-double(label)) : double(label));
  return sum;
}

nn::Tensor SoftLabels::part(const nn::Tensor& table, std::size_t first, int rows) const {
  return table.slice(first * std::size_t(classes_), {rows, classes_});
}

void SoftLabels::start_batch(std::size_t first, int rows) {
  if (!epoch_table_ && !epoch_answers_) return;
  if (!batch_rows_) batch_rows_ = nn::Tensor::empty({config_.batch_size, classes_}, device_);
  if (epoch_table_) batch_rows(rows).copy_from(part(epoch_table_, first, rows));
}

void SoftLabels::end_batch(std::size_t first, int rows) {
  if (epoch_answers_) part(epoch_answers_, first, rows).copy_from(batch_rows(rows));
  if (epoch_labels_) epoch_labels_.slice(first, {rows}).copy_from(batch_labels(rows));
}

void SoftLabels::hear(const nn::Tensor& logits) const {
  if (learns_from_last_epoch(config_)) batch_rows(logits.shape()[0]).copy_from(logits);
}

bool SoftLabels::are_logits() const {
  return config_.loss == Loss::ema ||
         (config_.loss == Loss::sd && (table_.empty() || !keeps_probabilities(config_)));
}

nn::Tensor SoftLabels::constant_rows(const engine::Batch& batch) const {
  if (!epoch_table_) return {};
  return batch_rows(batch.labels.shape()[0]);
}

nn::Tensor SoftLabels::teacher_logits(const engine::Batch& batch) {
  if (!teacher_ || epoch_table_) return constant_rows(batch);
  const engine::NoGrad no_grad;
  const nn::Tensor logits = teacher_->forward(batch.images, nn::Mode::eval);
  if (epoch_answers_) batch_rows(logits.shape()[0]).copy_from(logits);
  return logits;
}

nn::Tensor SoftLabels::ema_logits(const engine::Batch& batch) {
  const engine::NoGrad no_grad;
  const bool together = config_.sync_batch_norm && config_.ema_mode == nn::Mode::train;
  return ema_->forward(batch.images, together ? nn::Mode::synchronised : config_.ema_mode);
}

nn::Tensor SoftLabels::beta_labels(const engine::Batch& batch, const RankPart& part,
                                   const engine::StepState& step) {
  nn::Tensor logits = asks_ema(config_) ? ema_logits(batch) : nn::Tensor{}, labels = batch.labels;
  if (part.rows < part.of) {
    if (logits) logits = engine::with_other_ranks(logits, part.first, part.of);
    labels = engine::with_other_ranks(labels, part.first, part.of);
  }
  return engine::beta_labels(logits, labels, step, float(config_.beta_a), config_.beta_ranking,
                             config_.seed)
      .slice(std::size_t(part.first), {part.rows});
}

engine::SoftTargets SoftLabels::targets(const engine::Batch& batch, const RankPart& part,
                                        const engine::StepState& step) {
  engine::SoftTargets targets{.soft = soft_target(config_),
                              .alpha = config_.loss == Loss::pskd ? 0 : float(config_.alpha),
                              .smoothing = float(config_.smoothing),
                              .teacher_temperature = float(config_.temperature),
                              .student_temperature = float(config_.student_temperature),
                              .scale_by_temperature = config_.scale_by_temperature,
                              .omega = config_.omega,
                              .log_mean_omega = float(log_mean_omega_),
                              .gamma = float(1 + config_.alpha * (config_.gamma - 1)),
                              .entropy_weight = float(config_.entropy_weight),
                              .log_epsilon = float(config_.log_epsilon),
                              .other_label = batch.other_labels,
                              .share = batch.share};
  if (config_.loss == Loss::sd && !are_logits())  // what is kept of the teacher is probabilities
    targets.soft = SoftTarget::probabilities;
  if (targets.soft == SoftTarget::probabilities) targets.probabilities = constant_rows(batch);
  if (config_.loss == Loss::sd && are_logits()) targets.teacher_logits = teacher_logits(batch);
  if (config_.loss == Loss::ema) targets.teacher_logits = ema_logits(batch);
  if (config_.loss == Loss::beta) targets.true_class_probability = beta_labels(batch, part, step);
  if (epoch_labels_) {
    const nn::Tensor to = batch_labels(batch.labels.shape()[0]);
    if (targets.true_class_probability)
      to.copy_from(targets.true_class_probability);
    else
      engine::negative_log_likelihood(targets.teacher_logits, batch.labels,
                                      targets.teacher_temperature, to);
  }
  return targets;
}

}  // namespace experiments
