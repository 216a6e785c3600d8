// SPDX-License-Identifier: MIT
#include "experiments/training/soft_labels/matching.h"

#include <cmath>

#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/support.h"

using namespace experiments;
using Catch::Matchers::Contains;

TEST_CASE("the temperature gives the true class the mean that was asked for") {
  const int rows = 200, classes = 7;
  const std::vector<std::int32_t> labels = test::random_labels(rows, classes, 1);
  std::vector<float> logits = test::random_values(rows * classes, -2, 2, 2);
  for (int i = 0; i < rows; ++i) logits[std::size_t(i * classes + labels[std::size_t(i)])] += 3;
  const double wanted = GENERATE(0.2, 0.5, 0.625, 0.8);
  const double t = matching_temperature(logits, labels, classes, wanted);
  double mean = 0;
  for (int i = 0; i < rows; ++i) {
    const float* z = logits.data() + i * classes;
    double sum = 0;
    for (int c = 0; c < classes; ++c) sum += std::exp(double(z[c]) / t);
    mean += std::exp(double(z[labels[std::size_t(i)]]) / t) / sum / rows;
  }
  CHECK(mean == Approx(wanted).epsilon(1e-5));
}

TEST_CASE("two classes have the temperature in closed form") {
  // p_true = 1 / (1 + exp(-3 / T)) = 0.75 where T = 3 / ln 3.
  const std::vector<float> logits = {3, 0, 0, 3};
  const std::vector<std::int32_t> labels = {0, 1};
  CHECK(matching_temperature(logits, labels, 2, 0.75) == Approx(3 / std::log(3)).epsilon(1e-5));
}

TEST_CASE("a mean that no temperature gives is refused with the range that there is") {
  const std::vector<float> logits = {1, 0, 1, 0};
  const std::vector<std::int32_t> labels = {0, 1};  // the second is wrong at any temperature
  CHECK_THROWS_WITH(matching_temperature(logits, labels, 2, 0.6), Contains("0.5000 to 0.5000"));
}

TEST_CASE("the mean of omega is that of the sums of exponentials, however large") {
  const double e = std::exp(1.0);
  CHECK(log_mean_omega(std::vector<float>{0, 0, 2, 2}, 2, 2) == Approx(std::log(1 + e)));
  CHECK(log_mean_omega(std::vector<float>{2000, 2000, 0, 0}, 2, 2) == Approx(1000));
}

TEST_CASE("Beta(a, 1) has the mean a / (a + 1)") {
  CHECK(matching_beta_a(0.75) == Approx(3));  // the paper's: alpha 0.4, eps 0.15
  CHECK(matching_beta_a(0.5) == Approx(1));   // Appendix A.4: eps 0.3
}
