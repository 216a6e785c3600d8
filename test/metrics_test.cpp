// SPDX-License-Identifier: MIT
#include "experiments/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "kernels/error.h"
#include "test/catch.h"

using namespace experiments;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void check_near(double got, double want, double tolerance) {
  INFO("got " << got << ", want " << want << " within " << tolerance);
  CHECK(std::abs(got - want) <= tolerance);
}

std::vector<double> uniform_sample(int n, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::vector<double> u(n);
  for (double& x : u) x = (double(engine() >> 12) + 0.5) * 0x1p-52;
  return u;
}

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
  return predict(logits, std::vector<std::int32_t>(margins.size(), 0), 2);
}

Prediction with_confidence(double confidence, bool correct) {
  Prediction p{};
  p.confidence = confidence;
  p.correct = correct;
  return p;
}

}  // namespace

TEST_CASE("predictions follow the softmax in long double") {
  std::mt19937 engine(1);
  const float scale = GENERATE(0.1f, 3.0f, 100.0f, 1e4f);
  std::uniform_real_distribution<float> logit(-scale, scale);
  const int classes = 7, n = 100;
  std::vector<float> z(n * classes);
  std::vector<std::int32_t> label(n);
  for (float& x : z) x = logit(engine);
  for (auto& y : label) y = std::int32_t(engine() % classes);
  const auto got = predict(z, label, classes);
  REQUIRE(got.size() == n);
  for (int i = 0; i < n; ++i) {
    const float* row = &z[i * classes];
    long double top = row[0], sum = 0, entropy = 0;
    for (int c = 0; c < classes; ++c) top = std::max<long double>(top, row[c]);
    for (int c = 0; c < classes; ++c) sum += std::exp(row[c] - top);
    long double q = 0;
    for (int c = 0; c < classes; ++c) {
      const long double log_p = row[c] - top - std::log(sum);
      if (c != label[i]) q += std::exp(log_p);
      entropy -= std::exp(log_p) * log_p;
    }
    const long double log_p = row[label[i]] - top - std::log(sum);
    CHECK(got[i].correct == (row[label[i]] == top));
    CHECK(row[got[i].arg_max] == top);
    check_near(got[i].confidence, double(1 / sum), 1e-15);
    check_near(got[i].p_true, double(std::exp(log_p)), 1e-14 * double(std::exp(log_p)));
    check_near(got[i].q_true, double(q), 1e-13 * double(q));
    check_near(got[i].nll, double(-log_p), 1e-14 * double(1 - log_p));
    check_near(got[i].entropy, double(entropy), 1e-14);
  }
}

TEST_CASE("predictions lose nothing next to certainty") {
  const auto p = predict(std::vector<float>{50, 0, 0, 1e4f, -1e4f, 0, -1e4f, 1e4f, 0, 3, 3, 1},
                         std::vector<std::int32_t>{0, 0, 0, 0}, 3);
  const double tail = 2 * std::exp(-50.0);
  check_near(p[0].q_true, tail, 1e-15 * tail);
  check_near(p[0].nll, tail, 1e-15 * tail);
  check_near(p[0].entropy, tail * 51, 1e-14 * tail * 51);
  CHECK(p[1].q_true == 0);
  CHECK(p[1].nll == 0);
  CHECK(p[1].entropy == 0);
  CHECK(p[2].p_true == 0);
  CHECK(p[2].nll == 2e4);
  CHECK(p[3].arg_max == 0);  // the first of equals
}

TEST_CASE("predictions refuse what they cannot use") {
  using kernels::Error;
  const std::vector<std::int32_t> label = {1};
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(predict(std::vector<float>{0, nan}, label, 2), Error);
  CHECK_THROWS_AS(predict(std::vector<float>{0, float(infinity)}, label, 2), Error);
  CHECK_THROWS_AS(predict(std::vector<float>{0, 1, 2}, label, 2), Error);
  CHECK_THROWS_AS(predict(std::vector<float>{0}, label, 1), Error);
  CHECK_THROWS_AS(measure({}, {}, 2), Error);
}

TEST_CASE("calibration error of hand-made cases") {
  // Edges belong to the bin below; 0 and 1 are in the first and the last one.
  std::vector<Prediction> p = {with_confidence(0.5, true), with_confidence(0.6, false)};
  check_near(expected_calibration_error(p, 2), (0.5 + 0.6) / 2, 1e-15);
  check_near(expected_calibration_error(p, 1), std::abs(0.5 - 0.6) / 2, 1e-15);
  p = {with_confidence(0, true), with_confidence(0.2, false)};
  check_near(expected_calibration_error(p, 5), (1 - 0.2) / 2, 1e-15);
  p = {with_confidence(1, true), with_confidence(1, false), with_confidence(1, true)};
  check_near(expected_calibration_error(p, 15), 1.0 / 3, 1e-15);
  CHECK_THROWS_AS(expected_calibration_error({}, 15), kernels::Error);
  CHECK_THROWS_AS(expected_calibration_error(p, 0), kernels::Error);
}

TEST_CASE("calibration error against a search for each sample's bin") {
  const int bins = GENERATE(1, 7, 15, 20, 25);
  std::mt19937 engine(5);
  std::vector<Prediction> p;
  for (const double u : uniform_sample(500, 5)) p.push_back(with_confidence(u, engine() % 2));
  for (int b = 0; b <= bins; ++b) {  // and all edges with their neighbours
    const double edge = double(b) / bins;
    for (const double c : {edge, std::nextafter(edge, 0.0), std::nextafter(edge, 1.0)})
      p.push_back(with_confidence(c, engine() % 2));
  }
  double want = 0;
  for (int b = 0; b < bins; ++b) {
    double correct = 0, confidence = 0, count = 0;
    for (const auto& s : p) {
      const bool inside = s.confidence > double(b) / bins && s.confidence <= double(b + 1) / bins;
      if (!inside && !(b == 0 && s.confidence == 0)) continue;
      ++count;
      correct += s.correct;
      confidence += s.confidence;
    }
    if (count > 0)
      want += count / double(p.size()) * std::abs(correct / count - confidence / count);
  }
  check_near(expected_calibration_error(p, bins), want, 1e-13);
}

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
}

TEST_CASE("confidence diversity against all pairs, on both sides of 1/2") {
  const float reach = GENERATE(0.3f, 3.0f, 35.0f);
  std::vector<float> m;
  for (const double u : uniform_sample(300, 41)) m.push_back(float(reach * (2 * u - 1)));
  const auto d = confidence_diversity(with_margins(m));
  REQUIRE(d.entropy.size() == 4);
  for (int i = 0; i < 4; ++i) {
    // The difference of two logistic functions without cancellation.
    const double want = entropy_by_loops(300, d.k[i], [&](int a, int b) {
      const double x = m[a], y = m[b];
      return std::abs(std::sinh((x - y) / 2)) / (2 * std::cosh(x / 2) * std::cosh(y / 2));
    });
    REQUIRE(d.entropy[i]);
    check_near(*d.entropy[i], want, 1e-9);
  }
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
}

TEST_CASE("confidence diversity of few samples") {
  const std::vector<float> m = {0, 1, 3, 6, 10};
  const auto of = [&](int n) {
    return confidence_diversity(with_margins({m.begin(), m.begin() + n}));
  };
  CHECK(of(1).k.empty());
  CHECK(of(1).all_equal);
  CHECK_FALSE(of(1).headline());
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

TEST_CASE("measure takes means over the samples") {
  const std::vector<float> z = {0, 0, 2, 0, 0, 1, -1, 3};
  const std::vector<std::int32_t> y = {0, 0, 0, 1};
  const auto m = measure(z, y, 2, 20);
  const auto p = predict(z, y, 2);
  CHECK(m.samples == 4);
  CHECK(m.accuracy == 0.75);
  check_near(m.nll, (p[0].nll + p[1].nll + p[2].nll + p[3].nll) / 4, 1e-15);
  check_near(m.predictive_uncertainty,
             (p[0].entropy + p[1].entropy + p[2].entropy + p[3].entropy) / 4, 1e-15);
  check_near(m.mean_p_true, (p[0].p_true + p[1].p_true + p[2].p_true + p[3].p_true) / 4, 1e-15);
  CHECK(m.ece == expected_calibration_error(p, 20));
  CHECK(m.diversity.headline() == confidence_diversity(p).headline());
}
