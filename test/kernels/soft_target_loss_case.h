// SPDX-License-Identifier: MIT
#pragma once
#include <numeric>

#include "kernels/runtime/run.h"
#include "kernels/soft_target_loss.h"
#include "test/support/support.h"

/// A batch with soft targets of any kind, for the tests of the loss.
namespace test::soft_target_loss {

using kernels::SoftTarget;

inline constexpr SoftTarget all_kinds[] = {
    SoftTarget::one_hot, SoftTarget::smoothed, SoftTarget::smoothed_over_all,
    SoftTarget::teacher, SoftTarget::beta,     SoftTarget::probabilities};

/// A batch on the host; `options` carries sizes and options, its pointers are not used.
struct Case {
  kernels::SoftTargetLoss options{};
  std::vector<float> logits, teacher, b, probabilities;
  std::vector<std::int32_t> label;
  std::vector<std::int32_t> other_label = {};  // of mixtures, with
  std::vector<float> share = {};               // that of `label`
};

inline Case make_case(SoftTarget soft, int rows, int classes, float spread = 4) {
  Case c;
  c.options.rows = rows;
  c.options.classes = classes;
  c.options.soft = soft;
  const std::size_t size = std::size_t(rows) * classes;
  c.logits = random_values(size, -spread, spread, 1);
  c.teacher = random_values(size, -spread, spread, 2);
  c.b = random_values(rows, 0, 1, 3);
  c.probabilities = random_values(size, 0, 1, 4);
  for (int i = 0; i < rows; ++i) {
    float* q = c.probabilities.data() + std::size_t(i) * classes;
    if (i % 2 == 0) q[i % classes] = 0;
    const float sum = std::accumulate(q, q + classes, 0.0f);
    for (int k = 0; k < classes; ++k) q[k] /= sum;
  }
  c.label = random_labels(rows, classes, 5);
  return c;
}

/// The same batch of mixtures: all of one image, of both, and of two of one class.
inline Case mixed(Case c) {
  c.other_label = random_labels(c.label.size(), c.options.classes, 6);
  c.share = random_values(c.label.size(), 0, 1, 7);
  c.share.front() = 1;
  c.share.back() = 0;
  c.other_label[c.label.size() / 2] = c.label[c.label.size() / 2];
  return c;
}

struct Result {
  std::vector<float> loss, grad;
};

inline Result run_case(Device device, const Case& c, bool with_grad = true) {
  const DeviceArray<float> logits(device, c.logits), teacher(device, c.teacher), b(device, c.b),
      probabilities(device, c.probabilities);
  const DeviceArray<std::int32_t> label(device, c.label), other_label(device, c.other_label);
  const DeviceArray<float> share(device, c.share);
  const DeviceArray<float> loss(device, c.label.size()), grad(device, c.logits.size());
  kernels::SoftTargetLoss op = c.options;
  op.logits = logits.data();
  op.label = label.data();
  if (!c.share.empty()) op.other_label = other_label.data(), op.share = share.data();
  op.loss = loss.data();
  op.grad = with_grad ? grad.data() : nullptr;
  if (op.soft == SoftTarget::teacher) op.teacher_logits = teacher.data();
  if (op.soft == SoftTarget::beta) op.true_class_probability = b.data();
  if (op.soft == SoftTarget::probabilities) op.probabilities = probabilities.data();
  run(device, op);
  return {loss.host(), grad.host()};
}

}  // namespace test::soft_target_loss
