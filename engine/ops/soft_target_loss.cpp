// SPDX-License-Identifier: MIT
#include "kernels/soft_target_loss.h"
#include "kernels/runtime/run.h"

#include <cmath>

#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/ops/mean_loss.h"

namespace engine {
namespace {

constexpr const char* op = "soft_target_loss";

void check(const Tensor& logits, const Tensor& label, const SoftTargets& o) {
  using kernels::SoftTarget;
  expect_logits(op, logits);
  expect_labels(op, label, logits);
  const Device device = logits.device();
  const Shape per_row{logits.shape()[0]};
  require(o.alpha >= 0 && o.alpha <= 1, "{}: alpha {} should be from 0 to 1", op, o.alpha);
  require(o.smoothing >= 0 && o.smoothing < 1, "{}: smoothing {} should be in [0, 1)", op,
          o.smoothing);
  require(o.teacher_temperature > 0 && std::isfinite(o.teacher_temperature),
          "{}: teacher temperature {} should be above 0", op, o.teacher_temperature);
  require(o.student_temperature > 0 && std::isfinite(o.student_temperature),
          "{}: student temperature {} should be above 0", op, o.student_temperature);
  require(std::isfinite(o.gamma), "{}: gamma {} is not a number", op, o.gamma);
  require(std::isfinite(o.entropy_weight), "{}: entropy weight {} is not a number", op,
          o.entropy_weight);
  require(o.log_epsilon >= 0 && std::isfinite(o.log_epsilon),
          "{}: log epsilon {} should be 0 or a number above", op, o.log_epsilon);
  require(!o.omega || o.soft == SoftTarget::teacher,
          "{}: omega weighs a teacher's soft labels only", op);
  require(std::isfinite(o.log_mean_omega), "{}: log mean omega {} is not a number", op,
          o.log_mean_omega);
  if (o.other_label || o.share) {
    expect(op, "other label", o.other_label, DType::i32, per_row, device);
    expect(op, "share", o.share, DType::f32, per_row, device);
  }
  if (o.soft == SoftTarget::teacher) {
    expect(op, "teacher logits", o.teacher_logits, DType::f32, logits.shape(), device);
  }
  if (o.soft == SoftTarget::beta) {
    expect(op, "true-class probability", o.true_class_probability, DType::f32, per_row, device);
  }
  if (o.soft == SoftTarget::probabilities) {
    expect(op, "probabilities", o.probabilities, DType::f32, logits.shape(), device);
  }
}

}  // namespace

Tensor soft_target_loss(const Tensor& logits, const Tensor& label, const SoftTargets& o) {
  check(logits, label, o);
  const Device device = logits.device();
  const int rows = logits.shape()[0];
  const Tensor losses = Tensor::empty({rows}, device);
  const Tensor grad = recording({logits}) ? Tensor::empty(logits.shape(), device) : Tensor{};
  kernels::run(device,
               kernels::SoftTargetLoss{.logits = logits.data(),
                                       .label = label.data<std::int32_t>(),
                                       .teacher_logits = o.teacher_logits.data(),
                                       .true_class_probability = o.true_class_probability.data(),
                                       .probabilities = o.probabilities.data(),
                                       .other_label = o.other_label.data<std::int32_t>(),
                                       .share = o.share.data(),
                                       .loss = losses.data(),
                                       .grad = grad.data(),
                                       .rows = rows,
                                       .classes = logits.shape()[1],
                                       .soft = o.soft,
                                       .alpha = o.alpha,
                                       .smoothing = o.smoothing,
                                       .teacher_temperature = o.teacher_temperature,
                                       .student_temperature = o.student_temperature,
                                       .scale_by_temperature = o.scale_by_temperature,
                                       .omega = o.omega,
                                       .log_mean_omega = o.log_mean_omega,
                                       .gamma = o.gamma,
                                       .entropy_weight = o.entropy_weight,
                                       .log_epsilon = o.log_epsilon});
  return mean_loss(op, logits, losses, grad);
}

void negative_log_likelihood(const Tensor& logits, const Tensor& label, float temperature,
                             const Tensor& y) {
  check(logits, label, {.student_temperature = temperature});
  expect(op, "y", y, DType::f32, {logits.shape()[0]}, logits.device());
  kernels::run(logits.device(), kernels::SoftTargetLoss{.logits = logits.data(),
                                                        .label = label.data<std::int32_t>(),
                                                        .loss = y.data(),
                                                        .grad = nullptr,
                                                        .rows = logits.shape()[0],
                                                        .classes = logits.shape()[1],
                                                        .student_temperature = temperature});
}

}  // namespace engine
