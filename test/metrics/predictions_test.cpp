// SPDX-License-Identifier: MIT
#include "experiments/metrics/predictions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/doubles.h"

using namespace experiments;
using test::check_near;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("predictions follow the softmax in long double") {
  std::mt19937 engine(1);
  const float scale = GENERATE(0.1f, 3.0f, 100.0f, 1e4f);
  const double temperature = GENERATE(1.0, 0.5, 4.0);
  std::uniform_real_distribution<float> logit(-scale, scale);
  const int classes = 7, n = 100;
  std::vector<float> z(n * classes);
  std::vector<std::int32_t> label(n);
  for (float& x : z) x = logit(engine);
  for (auto& y : label) y = std::int32_t(engine() % classes);
  const auto got = predict({z, label, classes}, temperature);
  REQUIRE(got.size() == n);
  for (int i = 0; i < n; ++i) {
    const float* row = &z[i * classes];
    const long double t = temperature;
    long double top = row[0], sum = 0, entropy = 0, brier = 0;
    for (int c = 0; c < classes; ++c) top = std::max<long double>(top, row[c]);
    for (int c = 0; c < classes; ++c) sum += std::exp((row[c] - top) / t);
    long double q = 0;
    for (int c = 0; c < classes; ++c) {
      const long double log_p = (row[c] - top) / t - std::log(sum);
      const long double gap = std::exp(log_p) - (c == label[i]);
      brier += gap * gap;
      if (c != label[i]) q += std::exp(log_p);
      entropy -= std::exp(log_p) * log_p;
    }
    const long double log_p = (row[label[i]] - top) / t - std::log(sum);
    CHECK(got[i].correct == (row[label[i]] == top));
    CHECK(row[got[i].arg_max] == top);
    check_near(got[i].confidence, double(1 / sum), 1e-15);
    check_near(got[i].p_true, double(std::exp(log_p)), 1e-14 * double(std::exp(log_p)));
    check_near(got[i].q_true, double(q), 1e-13 * double(q));
    check_near(got[i].nll, double(-log_p), 1e-14 * double(1 - log_p));
    check_near(got[i].brier, double(brier), 4e-15);
    check_near(got[i].entropy, double(entropy), 1e-14);
  }
}

TEST_CASE("predictions lose nothing next to certainty") {
  const auto p = predict({std::vector<float>{50, 0, 0, 1e4f, -1e4f, 0, -1e4f, 1e4f, 0, 3, 3, 1},
                          std::vector<std::int32_t>{0, 0, 0, 0}, 3});
  const double tail = 2 * std::exp(-50.0);
  check_near(p[0].q_true, tail, 1e-15 * tail);
  check_near(p[0].brier, 1.5 * tail * tail, 1e-14 * tail * tail);
  check_near(p[0].nll, tail, 1e-15 * tail);
  check_near(p[0].entropy, tail * 51, 1e-14 * tail * 51);
  CHECK(p[1].q_true == 0);
  CHECK(p[1].nll == 0);
  CHECK(p[1].entropy == 0);
  CHECK(p[2].p_true == 0);
  CHECK(p[2].nll == 2e4);
  CHECK(p[2].brier == 2);
  CHECK(p[3].arg_max == 0);  // the first of equals
}

TEST_CASE("predictions refuse what they cannot use") {
  using kernels::Error;
  const std::vector<std::int32_t> label = {1};
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(predict({std::vector<float>{0, nan}, label, 2}), Error);
  CHECK_THROWS_AS(predict({std::vector<float>{0, float(infinity)}, label, 2}), Error);
  CHECK_THROWS_AS(predict({std::vector<float>{0, 1, 2}, label, 2}), Error);
  CHECK_THROWS_AS(predict({std::vector<float>{0}, label, 1}), Error);
  CHECK_THROWS_AS(predict({std::vector<float>{0, 0}, label, 2}, 0), Error);
}
