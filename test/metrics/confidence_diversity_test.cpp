// SPDX-License-Identifier: MIT
#include "experiments/metrics/confidence_diversity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/doubles.h"

using namespace experiments;
using test::check_near;
using test::uniform_sample;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// k-nearest-neighbour entropy from a matrix of distances, as the formula is written.
template <class Distance>
double entropy_by_loops(int n, int k, Distance distance) {
  double psi_difference = 0, sum = 0;
  for (int j = k; j < n; ++j) psi_difference += 1.0 / j;
  for (int i = 0; i < n; ++i) {
    std::vector<double> row;
    for (int j = 0; j < n; ++j)
      if (j != i) row.push_back(distance(i, j));
    std::sort(row.begin(), row.end());
    sum += std::log(row[k - 1]);
  }
  return psi_difference + std::log(2.0) + sum / n;
}

// Two-class predictions: p_true is the logistic function of the margin.
std::vector<Prediction> with_margins(const std::vector<float>& margins) {
  std::vector<float> logits;
  for (const float m : margins) logits.insert(logits.end(), {m, 0.0f});
  return predict({logits, std::vector<std::int32_t>(margins.size(), 0), 2});
}

}  // namespace

TEST_CASE("entropy of known densities") {
  // The estimate's standard deviation is near sqrt((Var(ln f) + psi'(k)) / n) < 0.012.
  const int n = 20000, k = GENERATE(1, 3, 10);
  const double tolerance = 0.04;
  const auto u = uniform_sample(n, 11), v = uniform_sample(n, 12);
  std::vector<double> beta(n), normal(n), exponential(n);
  for (int i = 0; i < n; ++i) {
    beta[i] = std::cbrt(u[i]);
    normal[i] = std::sqrt(-2 * std::log(u[i])) * std::cos(2 * std::acos(-1.0) * v[i]);
    exponential[i] = -std::log(u[i]);
  }
  check_near(knn_entropy(u, k), 0, tolerance);
  check_near(knn_entropy(beta, k), -std::log(3.0) + 2.0 / 3, tolerance);
  check_near(knn_entropy(normal, k), 1.418939, tolerance);
  check_near(knn_entropy(exponential, k), 1, tolerance);

  // Vasicek's has a bias of (ln 2 - 1) m / n, or -0.0022, for each end where the density jumps.
  const int m = vasicek_spacing(n);
  CHECK(m == 141);
  check_near(vasicek_entropy(u, m), 0, tolerance);
  check_near(vasicek_entropy(beta, m), -std::log(3.0) + 2.0 / 3, tolerance);
  check_near(vasicek_entropy(normal, m), 1.418939, tolerance);
  check_near(vasicek_entropy(exponential, m), 1, tolerance);

  std::vector<double> scaled = normal;
  for (double& x : scaled) x *= 1e-9;
  check_near(knn_entropy(scaled, k), knn_entropy(normal, k) + std::log(1e-9), 1e-10);
}

TEST_CASE("entropy of small samples") {
  check_near(knn_entropy({3, 7}, 1), 1 + std::log(2.0) + std::log(4.0), 1e-15);
  const auto x = uniform_sample(60, 21);
  for (const int k : {1, 2, 3, 5, 10, 59})
    check_near(knn_entropy(x, k),
               entropy_by_loops(60, k, [&](int i, int j) { return std::abs(x[i] - x[j]); }), 1e-12);
  CHECK(knn_entropy({1, 1, 2, 3}, 1) == -infinity);
  CHECK(std::isfinite(knn_entropy({1, 1, 2, 3}, 2)));
  check_near(vasicek_entropy({7, 3}, 1), std::log(4.0), 1e-15);
  for (const int m : {1, 2, 8, 59}) {
    std::vector<double> sorted = x;
    std::sort(sorted.begin(), sorted.end());
    double sum = 0;
    for (int i = 0; i < 60; ++i) {
      const double low = i - m < 0 ? sorted[0] : sorted[i - m];
      const double high = i + m >= 60 ? sorted[59] : sorted[i + m];
      sum += std::log(60 / (2.0 * m) * (high - low));
    }
    check_near(vasicek_entropy(x, m), sum / 60, 1e-12);
  }
  CHECK(vasicek_entropy({1, 1, 1, 2}, 1) == -infinity);
  CHECK(std::isfinite(vasicek_entropy({1, 1, 2, 2}, 2)));
  CHECK_THROWS_AS(vasicek_entropy({1, 2}, 2), kernels::Error);
  CHECK_THROWS_AS(vasicek_entropy({1, 2}, 0), kernels::Error);
  CHECK_THROWS_AS(knn_entropy({1, 2, 3}, 3), kernels::Error);
  CHECK_THROWS_AS(knn_entropy({1, 2, 3}, 0), kernels::Error);
  CHECK_THROWS_AS(knn_entropy({1, infinity}, 1), kernels::Error);
}

TEST_CASE("confidence diversity keeps the distances next to 1") {
  // With margins uniform in [15, 25], q = 1 - p has the entropy ln 10 + E[ln q (1 - q)].
  const int n = 20000;
  std::vector<float> margins;
  std::set<float> single_precision;
  for (const double u : uniform_sample(n, 31)) margins.push_back(float(15 + 10 * u));
  for (const float m : margins) single_precision.insert(1 / (1 + std::exp(-m)));
  CHECK(single_precision.size() < 10);  // the trap: what f32 leaves of 20,000 confidences
  const auto d = confidence_diversity(with_margins(margins));
  CHECK(d.k == std::vector<int>{1, 3, 5, 10});
  CHECK(d.tie_share == 0);
  CHECK_FALSE(d.all_equal);
  REQUIRE(d.headline());
  // Var(ln f) is that of the margin, 100 / 12.
  check_near(*d.headline(), std::log(10.0) - 20, 4 * std::sqrt((100.0 / 12 + 0.4) / n));
  CHECK(d.headline() == d.entropy[1]);
  // A window of 282 margins is 0.14 wide, and q goes over it by less than a sixth.
  REQUIRE(d.vasicek);
  CHECK(d.spacing == 141);
  check_near(*d.vasicek, std::log(10.0) - 20, 0.09);
}

TEST_CASE("confidence diversity against all pairs, on both sides of 1/2") {
  const float reach = GENERATE(0.3f, 3.0f, 35.0f);
  std::vector<float> m;
  for (const double u : uniform_sample(300, 41)) m.push_back(float(reach * (2 * u - 1)));
  const auto d = confidence_diversity(with_margins(m));
  REQUIRE(d.entropy.size() == 4);
  // The difference of two logistic functions without cancellation.
  const auto distance = [](double x, double y) {
    return std::abs(std::sinh((x - y) / 2)) / (2 * std::cosh(x / 2) * std::cosh(y / 2));
  };
  for (int i = 0; i < 4; ++i) {
    const double want =
        entropy_by_loops(300, d.k[i], [&](int a, int b) { return distance(m[a], m[b]); });
    REQUIRE(d.entropy[i]);
    check_near(*d.entropy[i], want, 1e-9);
  }
  std::sort(m.begin(), m.end());
  REQUIRE(d.spacing == 17);
  double want = 0;
  for (int i = 0; i < 300; ++i)
    want += std::log(300 / 34.0 * distance(m[std::max(i - 17, 0)], m[std::min(i + 17, 299)])) / 300;
  REQUIRE(d.vasicek);
  check_near(*d.vasicek, want, 1e-9);
}

TEST_CASE("ties are counted and never become a number") {
  std::vector<float> m(10, 2.0f);  // ten equal ones, five others
  for (int i = 0; i < 5; ++i) m.push_back(float(i));
  m[12] = 9;
  auto d = confidence_diversity(with_margins(m));
  CHECK(d.tie_share == 10.0 / 15);
  CHECK_FALSE(d.entropy[0]);
  CHECK_FALSE(d.headline());
  CHECK(d.entropy[3]);  // the 10th neighbour of the ten is one of the others
  CHECK_FALSE(d.all_equal);

  d = confidence_diversity(with_margins(std::vector<float>(20, 30.0f)));
  CHECK(d.all_equal);
  CHECK(d.tie_share == 1);
  check_near(d.variance, 0, 1e-50);
  for (const auto& h : d.entropy) CHECK_FALSE(h);
  CHECK(d.spacing == 4);
  CHECK_FALSE(d.vasicek);
}

TEST_CASE("confidence diversity of few samples") {
  const std::vector<float> m = {0, 1, 3, 6, 10};
  const auto of = [&](int n) {
    return confidence_diversity(with_margins({m.begin(), m.begin() + n}));
  };
  CHECK(of(1).k.empty());
  CHECK(of(1).all_equal);
  CHECK_FALSE(of(1).headline());
  CHECK(of(1).spacing == 0);
  CHECK_FALSE(of(1).vasicek);
  CHECK(of(2).spacing == 1);
  CHECK(of(2).k == std::vector<int>{1});
  CHECK(of(2).headline() == of(2).entropy[0]);
  CHECK(of(3).k == std::vector<int>{1});
  CHECK(of(5).k == std::vector<int>{1, 3});
  CHECK(of(5).headline() == of(5).entropy[1]);
  CHECK_THROWS_AS(confidence_diversity({}), kernels::Error);
}

TEST_CASE("variance of the confidence") {
  auto d = confidence_diversity(with_margins({0, float(std::log(3.0))}));  // 0.5 and 0.75
  check_near(d.variance, 0.125 * 0.125, 1e-8);
  d = confidence_diversity(with_margins({40, 41}));
  const double half = (std::exp(-40.0) - std::exp(-41.0)) / 2;
  check_near(d.variance, half * half, 1e-12 * half * half);
}
