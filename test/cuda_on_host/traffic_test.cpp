// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/traffic.h"

#include "engine/step_state.h"
#include "kernels/adamw.h"
#include "kernels/clip_factor.h"
#include "kernels/elementwise.h"
#include "kernels/sgd.h"
#include "kernels/soft_target_loss.h"
#include "kernels/zipf_loss.h"
#include "test/support/support.h"

using kernels::SoftTarget;
using test::Device;
using test::DeviceArray;
using test::expect_least_traffic;

namespace {

DeviceArray<float> floats(std::size_t size) {
  return {Device::cuda, test::random_values(size, -1, 1, 1)};
}

}  // namespace

TEST_CASE("traffic: elementwise ops") {
  for (const std::size_t size : {4096, 4099}) {
    const DeviceArray<float> a = floats(size), y(Device::cuda, size);
    const DeviceArray<float> one = floats(1), mean(Device::cuda, 1);
    expect_least_traffic(kernels::Scale{a.data(), one.data(), y.data(), size}, {a.data(), y.data()},
                         {one.data()});
    expect_least_traffic(kernels::Fill{y.data(), size, 1}, {y.data()});
    expect_least_traffic(kernels::Mean{a.data(), mean.data(), size}, {a.data(), mean.data()});
  }
}

TEMPLATE_TEST_CASE("traffic: addition and conversion", "", float, kernels::bf16) {
  for (const std::size_t size : {4096, 4099}) {
    const std::vector<TestType> ones(size, TestType(1.0f));
    const DeviceArray<TestType> a(Device::cuda, ones), b(Device::cuda, ones), y(Device::cuda, size);
    const DeviceArray<float> wide = floats(size);
    const DeviceArray<kernels::bf16> narrow(Device::cuda, size);
    expect_least_traffic(kernels::Add{a.data(), b.data(), y.data(), size},
                         {a.data(), b.data(), y.data()});
    expect_least_traffic(kernels::Convert{a.data(), wide.data(), size}, {a.data(), wide.data()});
    expect_least_traffic(kernels::Convert{a.data(), narrow.data(), size},
                         {a.data(), narrow.data()});
  }
}

TEST_CASE("traffic: sgd and adamw") {
  const bool with_ema = GENERATE(false, true), copies = GENERATE(false, true),
             clipped = GENERATE(false, true);
  for (const std::size_t size : {4096, 4099}) {
    const DeviceArray<float> weight = floats(size), grad = floats(size), first = floats(size),
                             second(Device::cuda, std::vector<float>(size, 0.5f)),
                             ema = floats(size), factor = floats(1);
    const DeviceArray<kernels::bf16> weight_copy(Device::cuda, size), ema_copy(Device::cuda, size);
    engine::StepState step(Device::cuda);
    step.set({.learning_rate = 0.1f, .ema_decay = 0.9f, .epoch = 0, .step = 0});
    const kernels::WeightUpdate update{.weight = weight.data(),
                                       .grad = grad.data(),
                                       .ema = with_ema ? ema.data() : nullptr,
                                       .weight_copy = copies ? weight_copy.data() : nullptr,
                                       .ema_copy = copies && with_ema ? ema_copy.data() : nullptr,
                                       .size = size,
                                       .weight_decay = 1e-4f,
                                       .step = step.data(),
                                       .clip_factor = clipped ? factor.data() : nullptr};
    expect_least_traffic(
        kernels::Sgd{update, first.data(), 0.9f},
        {weight.data(), grad.data(), first.data(), ema.data(), weight_copy.data(), ema_copy.data()},
        {factor.data()});
    expect_least_traffic(kernels::AdamW{update, first.data(), second.data(), 0.9, 0.999, 1e-8f},
                         {weight.data(), grad.data(), first.data(), second.data(), ema.data(),
                          weight_copy.data(), ema_copy.data()},
                         {factor.data()});
  }
}

TEST_CASE("traffic: the norm of gradients reads each once") {
  for (const std::size_t size : {100, 4099, 100003}) {
    const DeviceArray<float> grad = floats(size), factor(Device::cuda, 1);
    const DeviceArray<double> sums(Device::cuda, std::size_t(kernels::ClipFactor::parts(size)));
    expect_least_traffic(kernels::ClipFactor{grad.data(), sums.data(), factor.data(), size, 1},
                         {grad.data()}, {sums.data(), factor.data()});
  }
}

TEST_CASE("traffic: the soft-target loss reads each logit once") {
  const SoftTarget soft = GENERATE(SoftTarget::one_hot, SoftTarget::smoothed, SoftTarget::teacher,
                                   SoftTarget::beta, SoftTarget::probabilities);
  const bool with_grad = GENERATE(false, true);
  const float log_epsilon = GENERATE(0.0f, 1e-8f);
  // In registers, in shared memory.
  const int classes = GENERATE(32, 128, 200, 1024, 1032, 4096);
  constexpr int rows = 6;
  const std::size_t size = std::size_t(rows) * classes;
  const DeviceArray<float> logits = floats(size), second = floats(size), b = floats(rows);
  const DeviceArray<float> loss(Device::cuda, rows), grad(Device::cuda, size);
  const DeviceArray<std::int32_t> label(Device::cuda, test::random_labels(rows, classes, 1));
  kernels::SoftTargetLoss op{.logits = logits.data(),
                             .label = label.data(),
                             .loss = loss.data(),
                             .grad = with_grad ? grad.data() : nullptr,
                             .rows = rows,
                             .classes = classes,
                             .soft = soft,
                             .log_epsilon = log_epsilon};
  if (soft == SoftTarget::teacher) op.teacher_logits = second.data();
  if (soft == SoftTarget::beta) op.true_class_probability = b.data();
  if (soft == SoftTarget::probabilities) op.probabilities = second.data();
  CAPTURE(int(soft), with_grad, log_epsilon, classes);
  expect_least_traffic(op, {logits.data(), second.data(), loss.data(), grad.data()},
                       {b.data(), label.data()});
}

TEST_CASE("traffic: Zipf's loss reads each logit once") {
  const bool with_grad = GENERATE(false, true);
  const int classes = GENERATE(32, 128, 1032);
  constexpr int rows = 6;
  const std::size_t size = std::size_t(rows) * classes;
  const DeviceArray<float> logits = floats(size), loss(Device::cuda, rows),
                           grad(Device::cuda, size);
  const DeviceArray<std::int32_t> label(Device::cuda, test::random_labels(rows, classes, 1));
  CAPTURE(with_grad, classes);
  expect_least_traffic(kernels::ZipfLoss{logits.data(), label.data(), loss.data(),
                                         with_grad ? grad.data() : nullptr, rows, classes, 0.1f},
                       {logits.data(), loss.data(), grad.data()}, {label.data()});
}
