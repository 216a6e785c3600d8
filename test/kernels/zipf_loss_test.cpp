// SPDX-License-Identifier: MIT
#include "kernels/zipf_loss.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/ops.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::Tensor;
using test::Device;
using test::DeviceArray;
using test::devices;
using test::expect_close;

namespace {

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();

struct Case {
  std::vector<float> logits;
  std::vector<std::int32_t> label;
  int classes;
  float weight = 0.1f;
  int rows() const { return int(label.size()); }
};

Case make_case(int rows, int classes, float spread = 4) {
  return {test::random_values(std::size_t(rows) * classes, -spread, spread, 1),
          test::random_labels(std::size_t(rows), classes, 5), classes};
}

struct Result {
  std::vector<float> loss, grad;
};

Result run_case(Device device, const Case& c) {
  const DeviceArray<float> logits(device, c.logits), loss(device, c.label.size()),
      grad(device, c.logits.size());
  const DeviceArray<std::int32_t> label(device, c.label);
  kernels::run(device, kernels::ZipfLoss{logits.data(), label.data(), loss.data(), grad.data(),
                                         c.rows(), c.classes, c.weight});
  return {loss.host(), grad.host()};
}

/// t of a row, from the definition: the classes other than y, sorted.
std::vector<double> labels_of_row(const float* z, int classes, int y) {
  std::vector<int> others;
  for (int c = 0; c < classes; ++c)
    if (c != y) others.push_back(c);
  std::stable_sort(others.begin(), others.end(), [z](int a, int b) { return z[a] > z[b]; });
  double sum = 0;
  for (int rank = 1; rank < classes; ++rank) sum += 1.0 / rank;
  std::vector<double> t(std::size_t(classes), 0);
  for (int rank = 1; rank < classes; ++rank)
    t[std::size_t(others[std::size_t(rank - 1)])] = 1 / (rank * sum);
  return t;
}

/// The loss of a row of logits z with labels t.
double loss_of_row(const std::vector<double>& z, const std::vector<double>& t, int y,
                   double weight) {
  const double most = *std::max_element(z.begin(), z.end());
  double all = 0, others = 0;
  for (std::size_t c = 0; c < z.size(); ++c) {
    all += std::exp(z[c] - most);
    others += int(c) == y ? 0 : std::exp(z[c] - most);
  }
  double loss = std::log(all) - (z[std::size_t(y)] - most);
  for (std::size_t c = 0; c < z.size(); ++c)
    if (int(c) != y) loss += weight * t[c] * (std::log(t[c]) - (z[c] - most - std::log(others)));
  return loss;
}

/// Losses of all rows, and the gradient of their mean by central differences.
void check_against_definition(const Case& c, const Result& got) {
  std::vector<double> losses, slopes;
  for (int row = 0; row < c.rows(); ++row) {
    const float* z = c.logits.data() + std::size_t(row) * c.classes;
    const int y = c.label[std::size_t(row)];
    const std::vector<double> t = labels_of_row(z, c.classes, y);
    std::vector<double> at(z, z + c.classes);
    losses.push_back(loss_of_row(at, t, y, c.weight));
    for (double& value : at) {
      const double here = value, h = 1e-4;
      value = here + h;
      const double higher = loss_of_row(at, t, y, c.weight);
      value = here - h;
      slopes.push_back((higher - loss_of_row(at, t, y, c.weight)) / (2 * h * c.rows()));
      value = here;
    }
  }
  INFO(c.rows() << " x " << c.classes << ", weight " << c.weight);
  expect_close(got.loss, losses, 3e-6, 1e-6, "loss");
  expect_close(got.grad, slopes, 3e-6, 3e-7 * (1 + c.weight) / c.rows(), "gradient");
}

}  // namespace

TEST_CASE("zipf_loss: the definition, at every size") {
  const Device device = GENERATE(from_range(devices()));
  for (const int classes : {2, 3, 10, 31, 33, 100, 129, 257}) {
    for (const int rows : {1, 33}) {
      if (rows * classes > 4000) continue;  // the definition is slow, and there is nothing new
      for (const float weight : {0.0f, 0.1f, 1.0f}) {
        Case c = make_case(rows, classes);
        c.weight = weight;
        check_against_definition(c, run_case(device, c));
      }
    }
  }
}

TEST_CASE("zipf_loss: of equal logits the first class ranks first") {
  const Device device = GENERATE(from_range(devices()));
  Case c = make_case(33, 20);
  for (float& z : c.logits) z = std::round(z / 2);
  check_against_definition(c, run_case(device, c));
  std::fill(c.logits.begin(), c.logits.end(), 1.5f);
  check_against_definition(c, run_case(device, c));
}

TEST_CASE("zipf_loss: without weight it is cross entropy, of two classes too") {
  const Device device = GENERATE(from_range(devices()));
  const int classes = GENERATE(2, 10);
  Case c = make_case(33, classes, 30);
  c.weight = classes == 2 ? 1.0f : 0.0f;
  const Tensor logits = Tensor::from(c.logits, {33, classes}, device),
               label = Tensor::from(c.label, {33}, device);
  CHECK(engine::zipf_loss(logits, label, c.weight).to_host()[0] ==
        Approx(engine::soft_target_loss(logits, label).to_host()[0]).epsilon(2e-6));
}

TEST_CASE("zipf_loss: sure of the label, sure of another, and all that a float holds") {
  const Device device = GENERATE(from_range(devices()));
  constexpr float large = std::numeric_limits<float>::max();
  Case c{.logits = {200, 1, 0,         //
                    0, 200, 1,         //
                    large, 0, -1,      //
                    -large, large, 0,  //
                    5, large, -large},
         .label = {0, 0, 0, 0, 0},
         .classes = 3};
  const Result got = run_case(device, c);
  const double first = 2.0 / 3, second = 1.0 / 3, q = 1 / (1 + std::exp(-1.0));  // of two others
  const double divergence = first * std::log(first / q) + second * std::log(second / (1 - q));
  expect_close({got.loss[0], got.loss[1], got.loss[2]},
               {0.1 * divergence,
                200 + 0.1 * (first * std::log(first) + second * std::log(second) + second * 199),
                0.1 * divergence},
               3e-6, 1e-6);
  expect_close({got.grad[0], got.grad[1], got.grad[2]},
               {0, 0.1 * (q - first) / 5, 0.1 * (1 - q - second) / 5}, 3e-6, 1e-8);
  for (const float value : got.loss) CHECK(std::isfinite(value));
  for (const float value : got.grad) CHECK(std::isfinite(value));
  CHECK(got.loss[3] == large);
}

TEST_CASE("zipf_loss: NaN and labels that are no class") {
  const Device device = GENERATE(from_range(devices()));
  Case c = make_case(6, 10);
  c.logits[3] = nan_value;  // of another class, or of the label
  c.logits[10 + std::size_t(c.label[1])] = nan_value;
  const Result got = run_case(device, c);
  CHECK(std::isnan(got.loss[0]));
  CHECK(std::isnan(got.loss[1]));
  CHECK(std::isfinite(got.loss[2]));
  c.label[3] = -1;
  c.label[4] = 10;
  const Result wrong = run_case(device, c);
  for (const std::size_t row : {3, 4}) {
    CHECK(std::isnan(wrong.loss[row]));
    for (std::size_t k = 10 * row; k < 10 * row + 10; ++k) CHECK(std::isnan(wrong.grad[k]));
  }
  CHECK(wrong.loss[5] == got.loss[5]);
}

TEST_CASE("zipf_loss: mean and gradient through autograd") {
  const Device device = GENERATE(from_range(devices()));
  const Case c = make_case(33, 10);
  const Result want = run_case(device, c);
  Tensor logits = Tensor::from(c.logits, {33, 10}, device);
  const Tensor label = Tensor::from(c.label, {33}, device);
  const Tensor unrecorded = engine::zipf_loss(logits, label, c.weight);
  CHECK_FALSE(unrecorded.requires_grad());
  logits.require_grad();
  const Tensor loss = engine::zipf_loss(logits, label, c.weight);
  CHECK(loss.to_host() == unrecorded.to_host());
  const double mean = std::accumulate(want.loss.begin(), want.loss.end(), 0.0) / 33;
  expect_close(loss.to_host(), {mean}, 1e-6, 0);
  engine::scale(loss, Tensor::from(std::vector<float>{3}, {1}, device)).backward();
  std::vector<double> grad = test::to_double(want.grad);
  for (double& g : grad) g *= 3;
  expect_close(logits.grad().to_host(), grad, 1e-6, 1e-9);
}

TEST_CASE("zipf_loss: what cannot be is refused") {
  const Tensor logits = Tensor::zeros({3, 4}, Device::cpu),
               label = Tensor::zeros({3}, Device::cpu, engine::DType::i32);
  const auto refused = [](const Tensor& z, const Tensor& y, float weight, const char* with) {
    CHECK_THROWS_WITH(engine::zipf_loss(z, y, weight), Contains("zipf_loss") && Contains(with));
  };
  for (const float weight : {-0.1f, nan_value, std::numeric_limits<float>::infinity()})
    refused(logits, label, weight, "weight");
  refused(logits, Tensor::zeros({4}, Device::cpu, engine::DType::i32), 1, "label");
  refused(Tensor::zeros({3, 1}, Device::cpu), label, 1, "logits");
}
