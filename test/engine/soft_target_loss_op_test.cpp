// SPDX-License-Identifier: MIT
#include <limits>
#include <numeric>

#include "engine/ops.h"
#include "test/kernels/soft_target_loss_case.h"

using Catch::Matchers::Contains;
using engine::SoftTargets;
using engine::Tensor;
using test::Device;
using test::devices;
using test::expect_close;
using namespace test::soft_target_loss;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// A batch of 33 x 10 as tensors.
struct Batch {
  Case c;
  Tensor logits, label, teacher;

  explicit Batch(Device device)
      : c(make_case(SoftTarget::teacher, 33, 10)),
        logits(Tensor::from(c.logits, {33, 10}, device)),
        label(Tensor::from(c.label, {33}, device)),
        teacher(Tensor::from(c.teacher, {33, 10}, device)) {}
};

}  // namespace

TEST_CASE("soft_target_loss: mean and gradient through autograd") {
  const Device device = GENERATE(from_range(devices()));
  Batch batch(device);
  batch.c.options.alpha = 0.4f;
  batch.c.options.teacher_temperature = 2;
  const Result want = run_case(device, batch.c);
  const SoftTargets targets{.soft = SoftTarget::teacher,
                            .alpha = 0.4f,
                            .teacher_temperature = 2,
                            .teacher_logits = batch.teacher};

  const Tensor unrecorded = engine::soft_target_loss(batch.logits, batch.label, targets);
  CHECK_FALSE(unrecorded.requires_grad());

  batch.logits.require_grad();
  const Tensor loss = engine::soft_target_loss(batch.logits, batch.label, targets);
  CHECK(loss.shape() == engine::Shape{1});
  CHECK(loss.to_host() == unrecorded.to_host());
  const double mean = std::accumulate(want.loss.begin(), want.loss.end(), 0.0) / 33;
  expect_close(loss.to_host(), {mean}, 1e-6, 0);

  // The factor 3 and the sum of two uses both reach the logits.
  const Tensor three = Tensor::from(std::vector<float>{3}, {1}, device);
  engine::add(engine::scale(loss, three), loss).backward();
  std::vector<double> grad = test::to_double(want.grad);
  for (double& g : grad) g *= 4;
  expect_close(batch.logits.grad().to_host(), grad, 1e-6, 1e-9);
}

TEST_CASE("soft_target_loss: what cannot be is refused") {
  const Device device = GENERATE(from_range(devices()));
  const Batch batch(device);
  const auto refused = [&](const SoftTargets& targets, const std::string& with) {
    CHECK_THROWS_WITH(engine::soft_target_loss(batch.logits, batch.label, targets),
                      Contains("soft_target_loss") && Contains(with));
  };
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float alpha : {-0.1f, 1.1f, not_a_number}) refused({.alpha = alpha}, "alpha");
  for (const float t : {0.0f, -1.0f, not_a_number, infinity}) {
    refused({.student_temperature = t}, "student temperature");
    refused(
        {.soft = SoftTarget::teacher, .teacher_temperature = t, .teacher_logits = batch.teacher},
        "teacher temperature");
  }
  for (const float eps : {-0.1f, 1.0f, not_a_number}) {
    refused({.soft = SoftTarget::smoothed, .smoothing = eps}, "smoothing");
  }
  refused({.gamma = not_a_number}, "gamma");
  refused({.entropy_weight = infinity}, "entropy weight");
  for (const float eps : {-1e-8f, not_a_number, infinity}) {
    refused({.log_epsilon = eps}, "log epsilon");
  }
  refused({.soft = SoftTarget::smoothed, .omega = true}, "omega");
  refused({.log_mean_omega = INFINITY}, "log mean omega");
  refused({.soft = SoftTarget::teacher}, "teacher logits is missing");
  refused({.soft = SoftTarget::beta}, "true-class probability is missing");
  refused({.soft = SoftTarget::probabilities}, "probabilities is missing");
  refused({.soft = SoftTarget::teacher, .teacher_logits = Tensor::zeros({33, 9}, device)},
          "[33, 9]");

  const auto refused_input = [&](const Tensor& logits, const Tensor& label,
                                 const std::string& with) {
    CHECK_THROWS_WITH(engine::soft_target_loss(logits, label), Contains(with));
  };
  refused_input({}, batch.label, "logits is missing");
  refused_input(batch.logits, {}, "label is missing");
  refused_input(Tensor::zeros({33}, device), batch.label, "[33]");
  refused_input(Tensor::zeros({33, 1}, device), batch.label, "[33, 1]");
  refused_input(Tensor::zeros({0, 10}, device), batch.label, "[0, 10]");
  refused_input(Tensor::zeros({32, 10}, device), batch.label, "[32]");
  refused_input(batch.logits, Tensor::zeros({33}, device), "i32");
  if (device == Device::cpu) {
    std::vector<std::int32_t> label = batch.c.label;
    label[12] = 10;
    refused_input(batch.logits, Tensor::from(label, {33}, device), "label 10");
  } else {  // more than a block's shared memory holds
    const std::vector<std::int32_t> zero(1);
    refused_input(Tensor::zeros({1, 100000}, device), Tensor::from(zero, {1}, device),
                  "soft_target_loss: a row of 100000 classes");
  }
}
