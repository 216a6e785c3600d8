// SPDX-License-Identifier: MIT
#include "kernels/soft_target_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "test/soft_target_loss_case.h"

using kernels::SoftTargetLoss;
using test::Device;
using test::devices;
using test::expect_close;
using test::random_values;
using namespace test::soft_target_loss;

namespace {

constexpr double epsilon = std::numeric_limits<float>::epsilon();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// log softmax(z / temperature) of one row.
std::vector<double> log_softmax(const double* z, int classes, double temperature) {
  double most = z[0], sum = 0;
  for (int k = 0; k < classes; ++k) most = std::max(most, z[k]);
  for (int k = 0; k < classes; ++k) sum += std::exp((z[k] - most) / temperature);
  std::vector<double> log_p(classes);
  for (int k = 0; k < classes; ++k) log_p[k] = (z[k] - most) / temperature - std::log(sum);
  return log_p;
}

/// What log p counts by, and what log(p + epsilon) does.
struct Target {
  std::vector<double> exact, shifted;
};

/// The target of row i, written from the definition of each kind.
Target target(const Case& c, int i) {
  const SoftTargetLoss& o = c.options;
  const int classes = o.classes, y = c.label[i];
  const double eps = o.smoothing, alpha = o.alpha;
  const auto at = std::size_t(i) * classes;
  std::vector<double> s(classes);
  double omega = 1;
  switch (o.soft) {
    case SoftTarget::one_hot: s[y] = 1; break;
    case SoftTarget::smoothed:
      for (int k = 0; k < classes; ++k) s[k] = k == y ? 1 - eps : eps / (classes - 1);
      break;
    case SoftTarget::smoothed_over_all:
      for (int k = 0; k < classes; ++k) s[k] = (k == y ? 1 - eps : 0) + eps / classes;
      break;
    case SoftTarget::beta:
      for (int k = 0; k < classes; ++k) {
        s[k] = k == y ? c.b[i] : (1 - double(c.b[i])) / (classes - 1);
      }
      break;
    case SoftTarget::probabilities:
      for (int k = 0; k < classes; ++k) s[k] = c.probabilities[at + k];
      break;
    case SoftTarget::teacher: {
      const std::vector<double> u(c.teacher.begin() + at, c.teacher.begin() + at + classes);
      const std::vector<double> log_s = log_softmax(u.data(), classes, o.teacher_temperature);
      for (int k = 0; k < classes; ++k) s[k] = std::exp(log_s[k]);
      const double log_omega = u[0] / o.teacher_temperature - log_s[0];
      if (o.omega) omega = std::exp(std::min(80.0, log_omega - o.log_mean_omega));
    }
  }
  Target t{std::vector<double>(classes), std::vector<double>(classes)};
  for (int k = 0; k < classes; ++k) {
    t.exact[k] = (k == y ? alpha : 0) + (double(o.gamma) - 1);
    (o.log_epsilon > 0 ? t.shifted : t.exact)[k] += (1 - alpha) * omega * s[k];
  }
  return t;
}

/// p / (p + epsilon): the gradient of log(p + epsilon) over that of log p.
double share(const Case& c, double log_p) {
  const double shift = c.options.log_epsilon, p = std::exp(log_p);
  return shift > 0 ? p / (p + shift) : 1;
}

/// The loss of a row with logits z and target t, and if asked the size of the terms that make it
/// up.
double row_loss(const Case& c, const double* z, const Target& t, double* scale = nullptr) {
  const SoftTargetLoss& o = c.options;
  const double ts = o.student_temperature, f = o.scale_by_temperature ? ts * ts : 1;
  const std::vector<double> log_p = log_softmax(z, o.classes, ts);
  double cross_entropy = 0, entropy = 0, size = 0;
  for (int k = 0; k < o.classes; ++k) {
    const double p = std::exp(log_p[k]), log_shifted = std::log(p + double(o.log_epsilon));
    cross_entropy -= t.exact[k] * log_p[k];
    if (t.shifted[k] != 0) cross_entropy -= t.shifted[k] * log_shifted;
    entropy -= p * log_p[k];
    size += std::abs(t.exact[k]) * (1 + std::abs(log_p[k]));
    if (t.shifted[k] != 0) {
      size += std::abs(t.shifted[k]) *
              (1 + std::abs(log_shifted) + share(c, log_p[k]) * std::abs(log_p[k]));
    }
  }
  if (scale) *scale = f * (size + std::abs(o.entropy_weight) * (1 + entropy));
  return f * (cross_entropy - o.entropy_weight * entropy);
}

/// A teacher's exponents are rounded before they are raised, so s is off by as many rounding errors
/// as they are large.
double exponents(const Case& c, int i) {
  const SoftTargetLoss& o = c.options;
  if (o.soft != SoftTarget::teacher) return 1;
  const float* u = c.teacher.data() + std::size_t(i) * o.classes;
  double most = 0;
  for (int k = 0; k < o.classes; ++k) most = std::max(most, std::abs(double(u[k])));
  return 1 + std::min(200.0, 2 * most / o.teacher_temperature);
}

/// Checks loss and gradient element by element against the formula in double; errors are measured
/// in float rounding errors of the terms that were added.
void check_against_formula(const Case& c, const Result& got) {
  const SoftTargetLoss& o = c.options;
  const int classes = o.classes;
  const double ts = o.student_temperature, lambda = o.entropy_weight;
  const double unit = (o.scale_by_temperature ? ts * ts : 1) / (ts * o.rows);
  std::vector<float> loss_error, grad_error;
  for (int i = 0; i < o.rows; ++i) {
    const auto at = std::size_t(i) * classes;
    const std::vector<double> z(c.logits.begin() + at, c.logits.begin() + at + classes);
    const std::vector<double> log_p = log_softmax(z.data(), classes, ts);
    const Target parts = target(c, i);
    std::vector<double> t(classes);
    double scale = 0, sum_t = 0, sum_size = 0, entropy = 0;
    constexpr double most = std::numeric_limits<float>::max();
    const double loss = std::clamp(row_loss(c, z.data(), parts, &scale), -most, most);
    loss_error.push_back(float((got.loss[i] - loss) / (epsilon * exponents(c, i) * scale)));
    for (int k = 0; k < classes; ++k) {
      t[k] = parts.exact[k] + parts.shifted[k] * share(c, log_p[k]);
      sum_t += t[k];
      sum_size += std::abs(parts.shifted[k]) * share(c, log_p[k]) * (1 + std::abs(log_p[k]));
      entropy -= std::exp(log_p[k]) * log_p[k];
    }
    for (int k = 0; k < classes; ++k) {
      const double p = std::exp(log_p[k]), size = 1 + std::abs(log_p[k]);
      const double grad = unit * (sum_t * p - t[k] + lambda * p * (log_p[k] + entropy));
      const double soft = std::abs(parts.shifted[k]);
      const double terms = (std::abs(sum_t) * size + sum_size) * p + std::abs(t[k]) +
                           soft * share(c, log_p[k]) * size + 2 * std::abs(double(o.gamma) - 1) +
                           std::abs(lambda) * p * size * (size + entropy);
      // Below the smallest normal number a softmax is 0.
      const double rounding = epsilon * exponents(c, i) * terms +
                              1e-37 * (1 + std::abs(sum_t) + (soft > 0 ? soft / o.log_epsilon : 0));
      grad_error.push_back(float((got.grad[at + k] - grad) / (unit * rounding)));
    }
  }
  INFO("soft " << int(o.soft) << ", " << o.rows << " x " << classes << ", alpha " << o.alpha
               << ", Ts " << ts << ", T " << o.teacher_temperature << ", gamma " << o.gamma
               << ", lambda " << lambda << ", omega " << o.omega << ", epsilon " << o.log_epsilon);
  // Up to 1000 roundings of partial sums go up and down like a random walk.
  expect_close(loss_error, std::vector<double>(loss_error.size()), 0, 8, "loss");
  expect_close(grad_error, std::vector<double>(grad_error.size()), 0, 8, "gradient");
}

/// The gradient along a random direction must be the slope of the mean loss, by central differences
/// in double: this is what shows that the formula of the gradient is right.
void check_against_slope(const Case& c, const Result& got) {
  const SoftTargetLoss& o = c.options;
  const std::vector<float> v = random_values(c.logits.size(), -1, 1, 9);
  const double h = 1e-5 * o.student_temperature;
  double slope = 0, size = 0, rounding = 0;
  for (int i = 0; i < o.rows; ++i) {
    const auto at = std::size_t(i) * o.classes;
    std::vector<double> up(o.classes), down(o.classes);
    for (int k = 0; k < o.classes; ++k) {
      up[k] = c.logits[at + k] + h * v[at + k];
      down[k] = c.logits[at + k] - h * v[at + k];
      size += std::abs(double(got.grad[at + k]) * v[at + k]);
    }
    const Target t = target(c, i);
    const double higher = row_loss(c, up.data(), t), lower = row_loss(c, down.data(), t);
    slope += (higher - lower) / (2 * h * o.rows);
    rounding += 1e-15 * (std::abs(higher) + std::abs(lower)) / (2 * h * o.rows);
  }
  INFO("soft " << int(o.soft) << ", " << o.rows << " x " << o.classes);
  CHECK(std::abs(test::dot(got.grad, v) - slope) <= 2e-6 * size + rounding);
}

}  // namespace

TEST_CASE("soft_target_loss: every kind at every size") {
  const Device device = GENERATE(from_range(devices()));
  for (const SoftTarget soft : all_kinds) {
    for (const int classes : {2, 10, 31, 33, 100, 200, 257, 1000, 1100}) {
      for (const int rows : {1, 31, 33, 128}) {
        Case c = make_case(soft, rows, classes);
        c.options.alpha = 0.4f;
        c.options.smoothing = 0.15f;
        c.options.teacher_temperature = 2.5f;
        for (const float log_epsilon : {0.0f, 1e-3f}) {
          c.options.log_epsilon = log_epsilon;
          const Result got = run_case(device, c);
          check_against_formula(c, got);
          check_against_slope(c, got);
        }
      }
    }
  }
}

TEST_CASE("soft_target_loss: every option with every other") {
  const Device device = GENERATE(from_range(devices()));
  for (const SoftTarget soft : all_kinds) {
    for (const float alpha : {0.0f, 0.6f, 1.0f}) {
      for (const float ts : {0.05f, 1.0f, 4.0f, 100.0f}) {
        for (const float t : {0.05f, 1.0f, 100.0f}) {
          for (const float gamma : {1.0f, 1.2f, 0.9f}) {
            for (const float lambda : {0.0f, 0.3f, -0.1f}) {
              for (const float log_epsilon : {0.0f, 1e-8f, 0.05f}) {
                for (const bool flag : {false, true}) {
                  Case c = make_case(soft, 5, 33);
                  c.options.alpha = alpha;
                  c.options.smoothing = 0.1f;
                  c.options.student_temperature = ts;
                  c.options.teacher_temperature = t;
                  c.options.gamma = gamma;
                  c.options.entropy_weight = lambda;
                  c.options.log_epsilon = log_epsilon;
                  c.options.scale_by_temperature = flag;
                  c.options.omega = flag && soft == SoftTarget::teacher;
                  c.options.log_mean_omega = 0.75f;
                  const Result got = run_case(device, c);
                  check_against_formula(c, got);
                  check_against_slope(c, got);
                }
              }
            }
          }
        }
      }
    }
  }
}

TEST_CASE("soft_target_loss: an epsilon moves the soft part's logarithm, not the hard part's") {
  const Device device = GENERATE(from_range(devices()));
  Case c = make_case(SoftTarget::one_hot, 1, 4);
  c.logits = {0, 0, 0, 0};
  c.label = {2};
  c.options.log_epsilon = 0.25f;
  const Result soft = run_case(device, c);
  expect_close(soft.loss, {std::log(2.0)}, 1e-6, 0);
  expect_close(soft.grad, {0.125, 0.125, -0.375, 0.125}, 1e-6, 0);
  c.options.alpha = 1;
  const Result hard = run_case(device, c);
  expect_close(hard.loss, {std::log(4.0)}, 1e-6, 0);
  expect_close(hard.grad, {0.25, 0.25, -0.75, 0.25}, 1e-6, 0);
}

TEST_CASE("soft_target_loss: with an epsilon that vanishes the loss is the exact one") {
  const Device device = GENERATE(from_range(devices()));
  for (const SoftTarget soft : all_kinds) {
    for (const int classes : {100, 1100}) {
      Case c = make_case(soft, 33, classes);
      c.options.alpha = 0.4f;
      c.options.smoothing = 0.15f;
      const Result exact = run_case(device, c);
      c.options.log_epsilon = 1e-20f;
      const Result got = run_case(device, c);
      expect_close(got.loss, test::to_double(exact.loss), 4e-6, 0);
      expect_close(got.grad, test::to_double(exact.grad), 4e-6, 1e-8);
    }
  }
}

TEST_CASE("soft_target_loss: without a gradient the loss is the same") {
  const Device device = GENERATE(from_range(devices()));
  const float log_epsilon = GENERATE(0.0f, 1e-8f);
  for (const SoftTarget soft : all_kinds) {
    Case c = make_case(soft, 33, 100);
    c.options.log_epsilon = log_epsilon;
    const Result without = run_case(device, c, false);
    expect_close(without.loss, test::to_double(run_case(device, c).loss), 1e-6, 0);
    CHECK(std::all_of(without.grad.begin(), without.grad.end(),
                      [](float g) { return std::isnan(g); }));  // untouched
  }
}

TEST_CASE("soft_target_loss: finite and right for large logits") {
  const Device device = GENERATE(from_range(devices()));
  const float log_epsilon = GENERATE(0.0f, 1e-8f);
  for (const SoftTarget soft : all_kinds) {
    for (const float temperature : {0.05f, 1.0f, 100.0f}) {
      Case c = make_case(soft, 31, 33, 1e4f);
      c.options.log_epsilon = log_epsilon;
      c.options.alpha = 0.5f;
      c.options.smoothing = 0.1f;
      c.options.entropy_weight = 0.1f;
      c.options.gamma = 1.1f;
      c.options.student_temperature = temperature;
      c.options.teacher_temperature = 1 / temperature;
      check_against_formula(c, run_case(device, c));
    }
    for (const float extreme : {1e4f, 1e30f, std::numeric_limits<float>::max()}) {
      for (const float temperature : {0.001f, 0.05f, 1.0f, 100.0f, 1000.0f}) {
        Case c = make_case(soft, 33, 31);
        c.options.log_epsilon = log_epsilon;
        c.options.alpha = 0.5f;
        c.options.smoothing = 0.1f;
        c.options.entropy_weight = 0.1f;
        c.options.gamma = 1.1f;
        c.options.student_temperature = temperature;
        c.options.teacher_temperature = temperature;
        c.options.omega = soft == SoftTarget::teacher;
        for (float& z : c.logits) z = z > 0 ? extreme : -extreme;
        for (float& u : c.teacher) u = u > 0 ? extreme : -extreme;
        const Result got = run_case(device, c);
        const auto finite = [](float x) { return std::isfinite(x); };
        CHECK(std::all_of(got.loss.begin(), got.loss.end(), finite));
        CHECK(std::all_of(got.grad.begin(), got.grad.end(), finite));
      }
    }
  }
}

TEST_CASE("soft_target_loss: a class with no target counts for nothing, however unlikely") {
  const Device device = GENERATE(from_range(devices()));
  Case c = make_case(SoftTarget::probabilities, 1, 3);
  c.logits = {0, -std::numeric_limits<float>::infinity(), 0};
  c.probabilities = {0.5f, 0, 0.5f};
  c.label = {0};
  c.options.log_epsilon = GENERATE(0.0f, 1e-8f);
  const Result got = run_case(device, c);
  expect_close(got.loss, {std::log(2.0)}, 1e-6, 0);
  expect_close(got.grad, {0, 0, 0}, 0, 1e-7);
}

TEST_CASE("soft_target_loss: NaN in, NaN out, in its own row only") {
  const Device device = GENERATE(from_range(devices()));
  const float log_epsilon = GENERATE(0.0f, 1e-8f);
  for (const SoftTarget soft : all_kinds) {
    Case c = make_case(soft, 3, 33);
    c.options.log_epsilon = log_epsilon;
    const Result clean = run_case(device, c);
    c.logits[33 + 20] = not_a_number;
    const Result got = run_case(device, c);
    CHECK(std::isnan(got.loss[1]));
    CHECK(got.loss[0] == clean.loss[0]);
    CHECK(got.loss[2] == clean.loss[2]);
  }
}

TEST_CASE("soft_target_loss: an impossible label gives NaN and reads nothing outside") {
  const Device device = GENERATE(from_range(devices()));
  const float log_epsilon = GENERATE(0.0f, 1e-8f);
  for (const std::int32_t bad : {-1, 10, 2000000000, std::numeric_limits<int>::min()}) {
    Case c = make_case(SoftTarget::smoothed, 3, 10);
    c.label[1] = bad;
    c.options.log_epsilon = log_epsilon;
    const Result got = run_case(device, c);
    CHECK(std::isfinite(got.loss[0]));
    CHECK(std::isnan(got.loss[1]));
    CHECK(std::isfinite(got.loss[2]));
    for (int k = 0; k < 10; ++k) {
      CHECK(std::isnan(got.grad[10 + k]));
      CHECK(std::isfinite(got.grad[k] + got.grad[20 + k]));
    }
  }
}

TEST_CASE("soft_target_loss: repeats bit for bit with any number of threads") {
  const Device device = GENERATE(from_range(devices()));
  const int before = kernels::threads();
  const Case c = make_case(SoftTarget::teacher, 128, 1000);
  std::vector<Result> results;
  for (const int count : {1, 1, 2, 2}) {
    kernels::set_threads(count);
    results.push_back(run_case(device, c));
  }
  kernels::set_threads(before);
  for (const Result& r : results) {
    CHECK(r.loss == results[0].loss);
    CHECK(r.grad == results[0].grad);
  }
}
