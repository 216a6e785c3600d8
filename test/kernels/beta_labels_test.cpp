// SPDX-License-Identifier: MIT
#include "kernels/beta_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/ops.h"
#include "kernels/runtime/philox.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using engine::StepState;
using engine::Tensor;
using kernels::BetaRanking;
using test::Device;
using test::devices;
using test::expect_close;

namespace {

constexpr std::uint64_t seed = 42;
constexpr BetaRanking all_rankings[] = {BetaRanking::largest_probability,
                                        BetaRanking::true_class_probability, BetaRanking::random,
                                        BetaRanking::reversed};

StepState at_step(Device device, std::uint32_t step) {
  StepState state(device);
  state.set({.learning_rate = 0, .ema_decay = 0, .epoch = 0, .step = step});
  return state;
}

/// Runs the kernel between guards.
std::vector<float> labels(Device device, const std::vector<float>& logits,
                          const std::vector<std::int32_t>& label, float a, BetaRanking ranking,
                          std::uint32_t step = 3) {
  const test::DeviceArray<float> device_logits(device, logits), b(device, label.size());
  const test::DeviceArray<std::int32_t> device_label(device, label);
  const StepState state = at_step(device, step);
  const int rows = int(label.size());
  run(device, kernels::BetaLabels{.logits = device_logits.data(),
                                  .label = device_label.data(),
                                  .b = b.data(),
                                  .step = state.data(),
                                  .rows = rows,
                                  .classes = int(logits.size()) / rows,
                                  .a = a,
                                  .ranking = ranking,
                                  .seed = seed});
  return b.host();
}

std::vector<double> draws(int rows, double a, std::uint32_t step = 3) {
  std::vector<double> b(rows);
  for (int j = 0; j < rows; ++j) {
    const auto words = kernels::random_words(seed, kernels::Purpose::beta_labels, step, j);
    b[j] = std::pow(kernels::to_unit(words[0]), 1 / a);
  }
  return b;
}

double confidence(const float* z, int classes, int label, BetaRanking ranking) {
  const float most = *std::max_element(z, z + classes);
  double sum = 0;
  for (int c = 0; c < classes; ++c) sum += std::exp(double(z[c]) - most);
  const float chosen = ranking == BetaRanking::true_class_probability ? z[label] : most;
  return std::exp(double(chosen) - most) / sum;
}

/// Every third row gets its largest logit twice: side by side, or 32 classes apart if there are so
/// many, so that on a GPU one lane sees both.
void equal_largest(std::vector<float>& logits, int classes) {
  for (std::size_t row = 0; row < logits.size() / classes; row += 3) {
    float* const z = &logits[row * classes];
    const auto largest = std::max_element(z, z + classes) - z;
    z[(largest + (row % 2 == 0 && classes > 64 ? 32 : 1)) % classes] = z[largest];
  }
}

}  // namespace

TEST_CASE("beta_labels: the k-th smallest draw goes to the k-th smallest confidence") {
  const Device device = GENERATE(from_range(devices()));
  for (const BetaRanking ranking : all_rankings) {
    for (const int classes : {2, 10, 33, 100, 1000}) {
      for (const int rows : {1, 31, 33, 128}) {
        std::vector<float> logits = test::random_values(std::size_t(rows) * classes, -4, 4, 1);
        if (classes > 2) equal_largest(logits, classes);
        const std::vector<std::int32_t> label = test::random_labels(rows, classes, 2);
        std::vector<double> want = draws(rows, 3);
        if (ranking != BetaRanking::random) {
          std::vector<double> confidences(rows);
          std::vector<int> order(rows);
          for (int i = 0; i < rows; ++i) {
            confidences[i] =
                confidence(&logits[std::size_t(i) * classes], classes, label[i], ranking);
          }
          std::iota(order.begin(), order.end(), 0);
          std::sort(order.begin(), order.end(),
                    [&](int i, int j) { return confidences[i] < confidences[j]; });
          std::vector<double> sorted = want;
          std::sort(sorted.begin(), sorted.end());
          const bool reversed = ranking == BetaRanking::reversed;
          for (int k = 0; k < rows; ++k) want[order[k]] = sorted[reversed ? rows - 1 - k : k];
        }
        INFO("ranking " << int(ranking));
        expect_close(labels(device, logits, label, 3, ranking), want, 6e-8, 0);
      }
    }
  }
}

TEST_CASE("beta_labels: batches of any size, up to thousands of rows") {
  const Device device = GENERATE(from_range(devices()));
  // One class leads by a margin that no rounding hides; all rows have different ones.
  constexpr int classes = 3;
  for (const int rows : {2, 64, 65, 1000, 1024, 1025, 5000}) {
    std::vector<float> logits(std::size_t(rows) * classes);
    std::vector<int> order(rows);
    for (int k = 0; k < rows; ++k) {
      order[k] = int(std::int64_t{k} * 2003 % rows);  // 2003 is prime
      logits[std::size_t(order[k]) * classes + k % classes] = 1 + 0.01f * float(k);
    }
    std::vector<double> sorted = draws(rows, 3), want(rows);
    std::sort(sorted.begin(), sorted.end());
    for (const BetaRanking ranking : {BetaRanking::largest_probability, BetaRanking::reversed}) {
      for (int k = 0; k < rows; ++k) want[order[k]] = sorted[k];
      INFO(rows << " rows");
      expect_close(labels(device, logits, std::vector<std::int32_t>(rows, 0), 3, ranking), want,
                   6e-8, 0);
      std::reverse(sorted.begin(), sorted.end());  // for the other ranking
    }
  }
}

TEST_CASE("beta_labels: equal confidences rank by row") {
  const Device device = GENERATE(from_range(devices()));
  std::vector<double> sorted = draws(33, 3);
  std::sort(sorted.begin(), sorted.end());
  for (const BetaRanking ranking :
       {BetaRanking::largest_probability, BetaRanking::true_class_probability}) {
    expect_close(labels(device, std::vector<float>(33 * 10, 2.5f), std::vector<std::int32_t>(33, 4),
                        3, ranking),
                 sorted, 6e-8, 0);
  }
}

TEST_CASE("beta_labels: confidences that a float probability cannot tell apart are ranked") {
  const Device device = GENERATE(from_range(devices()));
  // p of class 0 rounds to 1 in every row; the margins 60, 59, ... fall.
  constexpr int rows = 31;
  std::vector<float> logits;
  for (int i = 0; i < rows; ++i) logits.insert(logits.end(), {60.0f - float(i), 0, 0});
  std::vector<double> falling = draws(rows, 3);
  std::sort(falling.rbegin(), falling.rend());
  for (const BetaRanking ranking :
       {BetaRanking::largest_probability, BetaRanking::true_class_probability}) {
    expect_close(labels(device, logits, std::vector<std::int32_t>(rows, 0), 3, ranking), falling,
                 6e-8, 0);
  }
  // And those that round to 0: class 1 of the same logits.
  std::vector<double> rising(falling.rbegin(), falling.rend());
  expect_close(labels(device, logits, std::vector<std::int32_t>(rows, 1), 3,
                      BetaRanking::true_class_probability),
               rising, 6e-8, 0);
}

TEST_CASE("beta_labels: NaN, infinite logits and impossible labels keep the draws") {
  const Device device = GENERATE(from_range(devices()));
  const float not_a_number = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> logits = {1,         0,        not_a_number, not_a_number, infinity,
                                     0,         1e4f,     -1e4f,        not_a_number, 1,
                                     -infinity, -infinity};
  std::vector<double> sorted = draws(6, 3);
  std::sort(sorted.begin(), sorted.end());
  for (const BetaRanking ranking :
       {BetaRanking::largest_probability, BetaRanking::true_class_probability}) {
    std::vector<float> b = labels(device, logits, {0, 0, -1, 0, 1, 7}, 3, ranking);
    expect_close({b[1]}, {sorted[0]}, 6e-8, 0);  // no number: the least confident, in row order
    expect_close({b[3]}, {sorted[5]}, 6e-8, 0);
    std::sort(b.begin(), b.end());
    expect_close(b, sorted, 6e-8, 0);
  }
}

TEST_CASE("beta_labels: the draws have the moments of Beta(a, 1) and change with the step") {
  const Device device = GENERATE(from_range(devices()));
  constexpr int rows = 100000;
  const std::vector<std::int32_t> label(rows, 0);
  for (const float a : {0.5f, 1.0f, 3.0f, 5.0f}) {
    const std::vector<float> b = labels(device, {}, label, a, BetaRanking::random);
    double mean = 0, square = 0;
    for (const double x : b) mean += x / rows, square += x * x / rows;
    const double want = a / (a + 1.0), variance = a / ((a + 1.0) * (a + 1.0) * (a + 2.0));
    CHECK(std::abs(mean - want) < 4 * std::sqrt(variance / rows));
    CHECK(std::abs(square - a / (a + 2.0)) < 4 / std::sqrt(double(rows)));
    CHECK(std::all_of(b.begin(), b.end(), [](float x) { return x >= 0 && x <= 1; }));
    CHECK(b != labels(device, {}, label, a, BetaRanking::random, 4));
  }
}

TEST_CASE("beta_labels: repeats bit for bit with any number of threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  const std::vector<float> logits = test::random_values(128 * 1000, -4, 4, 1);
  const std::vector<std::int32_t> label = test::random_labels(128, 1000, 2);
  std::vector<float> first;
  for (const int count : {1, 1, 2, 2}) {
    kernels::set_threads(count);
    const std::vector<float> b =
        labels(device, logits, label, 3, BetaRanking::true_class_probability);
    if (first.empty()) first = b;
    CHECK(b == first);
  }
  kernels::set_threads(before);
}

TEST_CASE("beta_labels: the op") {
  const Device device = GENERATE(from_range(devices()));
  const StepState step = at_step(device, 3);
  const std::vector<float> z = test::random_values(33 * 10, -4, 4, 1);
  const std::vector<std::int32_t> y = test::random_labels(33, 10, 2);
  const Tensor logits = Tensor::from(z, {33, 10}, device), label = Tensor::from(y, {33}, device);
  for (const BetaRanking ranking : all_rankings) {
    const Tensor b = engine::beta_labels(logits, label, step, 3, ranking, seed);
    CHECK(b.shape() == engine::Shape{33});
    CHECK(b.to_host() == labels(device, z, y, 3, ranking));
  }
  CHECK_NOTHROW(engine::beta_labels({}, label, step, 3, BetaRanking::random, seed));

  const auto refused = [&](const Tensor& some_logits, const Tensor& some_label, float a,
                           const std::string& with) {
    CHECK_THROWS_WITH(engine::beta_labels(some_logits, some_label, step, a,
                                          BetaRanking::largest_probability, seed),
                      Contains("beta_labels: ") && Contains(with));
  };
  refused({}, label, 3, "logits is missing");
  refused(logits, {}, 3, "label is missing");
  refused(logits, label, 0, "a 0");
  refused(logits, label, std::numeric_limits<float>::quiet_NaN(), "a nan");
  refused(Tensor::zeros({32, 10}, device), label, 3, "[33]");
}
