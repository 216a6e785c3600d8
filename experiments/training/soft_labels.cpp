// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels.h"

#include <algorithm>

#include "engine/autograd.h"
#include "experiments/runs/checkpoint.h"
#include "experiments/training/evaluation.h"
#include "experiments/training/matching.h"
#include "kernels/runtime/error.h"

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
  }
  return SoftTarget::one_hot;
}

bool uses_ema(const RunConfig& c) {
  return c.loss == Loss::ema ||
         (c.loss == Loss::beta && c.beta_ranking != kernels::BetaRanking::random);
}

/// The mean probability that soft labels give the true class at an effective label, from
/// alpha + (1 - alpha) * mean = effective label.
double mean_soft_label(const RunConfig& c) { return (c.effective_label - c.alpha) / (1 - c.alpha); }

}  // namespace

SoftLabels::SoftLabels(const RunConfig& config, const TrainingData& data, nn::Model& student,
                       const std::vector<std::int32_t>& samples,
                       const std::filesystem::path& teacher)
    : config_(config), classes_(data.about().classes), device_(data.device()) {
  require(config.loss != Loss::sd || !teacher.empty(),
          "`loss` sd learns from a teacher: give its weights by `teacher`");
  require(config.loss == Loss::sd || teacher.empty(), "`teacher` is for `loss` sd, not {}",
          name_of(config.loss));
  if (uses_ema(config)) {
    ema_ = nn::make_model(config.model, data.model_input(), device_, config.seed + ema_seed_offset);
    if (config.ema_init == EmaInit::copy) ema_->parameters().copy_from(student.parameters());
  }
  if (config.loss == Loss::beta && config.effective_label > 0)
    config_.beta_a = matching_beta_a(mean_soft_label(config));
  if (!teacher.empty()) {
    teacher_ = load_model(teacher, config.teacher_model, data, config.model);
    ask_teacher(data, samples, teacher);
  }
}

void SoftLabels::ask_teacher(const TrainingData& data, const std::vector<std::int32_t>& samples,
                             const std::filesystem::path& teacher) {
  std::vector<float> logits = logits_of(*teacher_, data.train(), samples);
  require(all_finite(logits), "{}: the teacher's outputs are not finite on the training images",
          teacher.string());
  const std::vector<std::int32_t> labels = labels_of(data.about().train.labels, samples);
  if (config_.effective_label > 0)
    config_.temperature = matching_temperature(logits, labels, classes_, mean_soft_label(config_));
  if (config_.omega) log_mean_omega_ = log_mean_omega(logits, classes_, config_.temperature);
  if (config_.augment == data::Augmentation::none) {
    table_ = logits;
    row_of_.assign(data.about().train.labels.size(), -1);
    for (std::size_t row = 0; row < samples.size(); ++row)
      row_of_[std::size_t(samples[row])] = std::int32_t(row);
    teacher_ = nullptr;
  }
  for (float& z : logits) z /= float(config_.temperature);
  teacher_metrics_ = measure({logits, labels, classes_}, ece_bins(config_.protocol));
}

Json SoftLabels::solved() const {
  Json solved = Json::object();
  if (config_.effective_label > 0 && config_.loss == Loss::beta) solved["beta_a"] = config_.beta_a;
  if (config_.effective_label > 0 && config_.loss == Loss::sd)
    solved["temperature"] = config_.temperature;
  if (config_.omega) solved["log_mean_omega"] = log_mean_omega_;
  return solved;
}

void SoftLabels::start_epoch(const std::vector<std::int32_t>& order) {
  if (table_.empty()) return;
  std::vector<float> ordered(table_.size());
  auto to = ordered.begin();
  for (const std::int32_t index : order) {
    to = std::copy_n(table_.begin() + std::ptrdiff_t(row_of_[std::size_t(index)]) * classes_,
                     classes_, to);
  }
  epoch_logits_ = {};  // so that the pool can give the same block again
  epoch_logits_ = nn::Tensor::from(ordered, {int(order.size()), classes_}, device_);
}

nn::Tensor SoftLabels::teacher_logits(const engine::Batch& batch, std::size_t first) {
  if (epoch_logits_) {
    return epoch_logits_.slice(first * std::size_t(classes_), {batch.labels.shape()[0], classes_});
  }
  const engine::NoGrad no_grad;
  return teacher_->forward(batch.images, nn::Mode::eval);
}

nn::Tensor SoftLabels::ema_logits(const engine::Batch& batch) {
  const engine::NoGrad no_grad;
  return ema_->forward(batch.images, config_.ema_mode);
}

engine::SoftTargets SoftLabels::targets(const engine::Batch& batch, std::size_t first,
                                        const engine::StepState& step) {
  engine::SoftTargets targets{.soft = soft_target(config_),
                              .alpha = float(config_.alpha),
                              .smoothing = float(config_.smoothing),
                              .teacher_temperature = float(config_.temperature),
                              .student_temperature = float(config_.student_temperature),
                              .scale_by_temperature = config_.scale_by_temperature,
                              .omega = config_.omega,
                              .log_mean_omega = float(log_mean_omega_),
                              .gamma = float(config_.gamma),
                              .entropy_weight = float(config_.entropy_weight),
                              .log_epsilon = float(config_.log_epsilon)};
  if (config_.loss == Loss::sd) targets.teacher_logits = teacher_logits(batch, first);
  if (config_.loss == Loss::ema) targets.teacher_logits = ema_logits(batch);
  if (config_.loss == Loss::beta) {
    targets.true_class_probability =
        engine::beta_labels(ema_ ? ema_logits(batch) : nn::Tensor{}, batch.labels, step,
                            float(config_.beta_a), config_.beta_ranking, config_.seed);
  }
  return targets;
}

}  // namespace experiments
