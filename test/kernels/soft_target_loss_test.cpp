// SPDX-License-Identifier: MIT
#include "kernels/soft_target_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "test/kernels/soft_target_loss_formula.h"

using kernels::SoftTargetLoss;
using test::Device;
using test::devices;
using test::expect_close;
using test::random_values;
using namespace test::soft_target_loss;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// Checks loss and gradient element by element against the formula in double; errors are measured
/// in float rounding errors of the terms that were added.
void check_against_formula(const Case& c, const Result& got) {
  const SoftTargetLoss& o = c.options;
  std::vector<float> loss_error, grad_error;
  for (int i = 0; i < o.rows; ++i) {
    const auto at = std::size_t(i) * o.classes;
    const std::vector<double> z(c.logits.begin() + at, c.logits.begin() + at + o.classes);
    const Target parts = target(c, i);
    double scale = 0;
    constexpr double most = std::numeric_limits<float>::max();
    const double loss = std::clamp(row_loss(c, z.data(), parts, &scale), -most, most);
    loss_error.push_back(float((got.loss[i] - loss) / (epsilon * exponents(c, i) * scale)));
    const Gradient grad = row_gradient(c, z.data(), parts);
    for (int k = 0; k < o.classes; ++k) {
      const double rounding = epsilon * exponents(c, i) * grad.terms[k] + grad.lost[k];
      grad_error.push_back(float((got.grad[at + k] - grad.value[k]) / rounding));
    }
  }
  INFO(description(o));
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
    const std::vector<double> z(c.logits.begin() + at, c.logits.begin() + at + o.classes);
    std::vector<double> up = z, down = z;
    const Target t = target(c, i);
    const Gradient grad = row_gradient(c, z.data(), t);
    for (int k = 0; k < o.classes; ++k) {
      up[k] += h * v[at + k];
      down[k] -= h * v[at + k];
      size += grad.terms[k] * std::abs(v[at + k]);
    }
    const double higher = row_loss(c, up.data(), t), lower = row_loss(c, down.data(), t);
    slope += (higher - lower) / (2 * h * o.rows);
    rounding += 1e-15 * (std::abs(higher) + std::abs(lower)) / (2 * h * o.rows);
  }
  INFO(description(o));
  CHECK(std::abs(test::dot(got.grad, v) - slope) <= 2e-6 * size + rounding);
}

}  // namespace

TEST_CASE("soft_target_loss: every kind at every size") {
  const Device device = GENERATE(from_range(devices()));
  for (const SoftTarget soft : all_kinds) {
    for (const int classes : {2, 10, 31, 33, 100, 128, 131, 200, 256, 257, 1000, 1024, 1100}) {
      for (const int rows : {1, 31, 33, 128}) {
        if (rows * classes > 100'000) continue;  // half of the time, and nothing new
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

TEST_CASE("soft_target_loss: mixtures of two images are learned by both labels") {
  const Device device = GENERATE(from_range(devices()));
  for (const SoftTarget soft : all_kinds) {
    for (const int classes : {2, 10, 33, 100, 200, 1000, 1100}) {
      Case c = mixed(make_case(soft, 33, classes));
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

TEST_CASE("soft_target_loss: the loss of a mixture is the mixture of the losses") {
  const Device device = GENERATE(from_range(devices()));
  for (const SoftTarget soft : all_kinds) {
    Case both = mixed(make_case(soft, 33, 10));
    both.options.alpha = 0.4f;
    both.options.smoothing = 0.15f;
    Case one = both, other = both;
    one.share = other.share = {};
    other.label = both.other_label;
    const Result of_one = run_case(device, one), of_other = run_case(device, other);
    std::vector<double> loss, grad;
    for (std::size_t i = 0; i < 33; ++i) {
      const double share = both.share[i];
      loss.push_back(share * of_one.loss[i] + (1 - share) * of_other.loss[i]);
      for (std::size_t k = 10 * i; k < 10 * i + 10; ++k)
        grad.push_back(share * of_one.grad[k] + (1 - share) * of_other.grad[k]);
    }
    const Result got = run_case(device, both);
    expect_close(got.loss, loss, 2e-6, 0);
    expect_close(got.grad, grad, 2e-6, 1e-8);
  }
}

TEST_CASE("soft_target_loss: every option with every other", "[numbers]") {
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

TEST_CASE("soft_target_loss: with an epsilon that vanishes the loss is the exact one",
          "[numbers]") {
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
  const bool of_mixture = GENERATE(false, true);
  for (const std::int32_t bad : {-1, 10, 2000000000, std::numeric_limits<int>::min()}) {
    Case c = make_case(SoftTarget::smoothed, 3, 10);
    if (of_mixture) c = mixed(c);
    (of_mixture ? c.other_label : c.label)[1] = bad;
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
