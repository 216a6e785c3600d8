// SPDX-License-Identifier: MIT
#include "test/kernels/soft_target_loss_formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace test::soft_target_loss {

using kernels::SoftTargetLoss;

namespace {

/// log softmax(z / temperature) of one row.
std::vector<double> log_softmax(const double* z, int classes, double temperature) {
  double most = z[0], sum = 0;
  for (int k = 0; k < classes; ++k) most = std::max(most, z[k]);
  for (int k = 0; k < classes; ++k) sum += std::exp((z[k] - most) / temperature);
  std::vector<double> log_p(classes);
  for (int k = 0; k < classes; ++k) log_p[k] = (z[k] - most) / temperature - std::log(sum);
  return log_p;
}

/// p / (p + epsilon): the gradient of log(p + epsilon) over that of log p.
double share(const Case& c, double log_p) {
  const double shift = c.options.log_epsilon, p = std::exp(log_p);
  return shift > 0 ? p / (p + shift) : 1;
}

}  // namespace

namespace {

/// s of row i, as if its label were y.
std::vector<double> soft_label(const Case& c, int i, int y) {
  const SoftTargetLoss& o = c.options;
  const int classes = o.classes;
  const double eps = o.smoothing;
  const auto at = std::size_t(i) * classes;
  std::vector<double> s(classes);
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
      double omega = 1;
      const double log_omega = u[0] / o.teacher_temperature - log_s[0];
      if (o.omega) omega = std::exp(std::min(80.0, log_omega - o.log_mean_omega));
      for (int k = 0; k < classes; ++k) s[k] = omega * std::exp(log_s[k]);
    }
  }
  return s;
}

}  // namespace

Target target(const Case& c, int i) {
  const SoftTargetLoss& o = c.options;
  const double alpha = o.alpha;
  Target t{std::vector<double>(o.classes, double(o.gamma) - 1), std::vector<double>(o.classes)};
  const auto add = [&](int y, double share) {
    const std::vector<double> s = soft_label(c, i, y);
    t.exact[y] += share * alpha;
    for (int k = 0; k < o.classes; ++k)
      (o.log_epsilon > 0 ? t.shifted : t.exact)[k] += share * (1 - alpha) * s[k];
  };
  const double share = c.share.empty() ? 1 : c.share[i];
  add(c.label[i], share);
  if (share < 1) add(c.other_label[i], 1 - share);
  return t;
}

double row_loss(const Case& c, const double* z, const Target& t, double* scale) {
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

double exponents(const Case& c, int i) {
  const SoftTargetLoss& o = c.options;
  if (o.soft != SoftTarget::teacher) return 1;
  const float* u = c.teacher.data() + std::size_t(i) * o.classes;
  double most = 0;
  for (int k = 0; k < o.classes; ++k) most = std::max(most, std::abs(double(u[k])));
  return 1 + std::min(200.0, 2 * most / o.teacher_temperature);
}

Gradient row_gradient(const Case& c, const double* z, const Target& parts) {
  const SoftTargetLoss& o = c.options;
  const double ts = o.student_temperature, lambda = o.entropy_weight;
  const std::vector<double> log_p = log_softmax(z, o.classes, ts);
  const double unit = (o.scale_by_temperature ? ts * ts : 1) / (ts * o.rows);
  std::vector<double> t(o.classes);
  double sum_t = 0, sum_size = 0, entropy = 0;
  for (int k = 0; k < o.classes; ++k) {
    t[k] = parts.exact[k] + parts.shifted[k] * share(c, log_p[k]);
    sum_t += t[k];
    sum_size += std::abs(parts.shifted[k]) * share(c, log_p[k]) * (1 + std::abs(log_p[k]));
    entropy -= std::exp(log_p[k]) * log_p[k];
  }
  Gradient g;
  for (int k = 0; k < o.classes; ++k) {
    const double p = std::exp(log_p[k]), size = 1 + std::abs(log_p[k]);
    g.value.push_back(unit * (sum_t * p - t[k] + lambda * p * (log_p[k] + entropy)));
    g.terms.push_back(unit * ((std::abs(sum_t) * size + sum_size) * p + std::abs(t[k]) +
                              std::abs(parts.shifted[k]) * share(c, log_p[k]) * size +
                              2 * std::abs(double(o.gamma) - 1) +
                              std::abs(lambda) * p * size * (size + entropy)));
    const double soft = std::abs(parts.shifted[k]);
    g.lost.push_back(unit * 1e-37 * (1 + std::abs(sum_t) + (soft > 0 ? soft / o.log_epsilon : 0)));
  }
  return g;
}

std::string description(const SoftTargetLoss& o) {
  return fmt::format(
      "soft {}, {} x {}, alpha {}, Ts {}, T {}, gamma {}, lambda {}, omega {}, epsilon {}",
      int(o.soft), o.rows, o.classes, o.alpha, o.student_temperature, o.teacher_temperature,
      o.gamma, o.entropy_weight, o.omega, o.log_epsilon);
}

}  // namespace test::soft_target_loss
