// SPDX-License-Identifier: MIT
#include "experiments/metrics/student_t.h"

#include <cmath>
#include <numbers>

#include "kernels/runtime/error.h"

namespace experiments {
namespace {

/// The continued fraction of DLMF 8.17.22 by Lentz's method, for x < (a + 1) / (a + b + 2).
double beta_fraction(double x, double a, double b) {
  constexpr double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (d == 0 ? tiny : d);
  double fraction = d;
  const auto multiply = [&](double numerator) {
    d = 1 + numerator * d;
    c = 1 + numerator / c;
    d = 1 / (d == 0 ? tiny : d);
    c = c == 0 ? tiny : c;
    fraction *= c * d;
    return std::abs(c * d - 1);
  };
  for (int m = 1; m < 10000; ++m) {
    multiply(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (multiply(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) < 1e-15) break;
  }
  return fraction;
}

/// The regularised incomplete beta function I_x(a, b), y = 1 - x.
double incomplete_beta(double x, double y, double a, double b) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(y, x, b, a);
  const double log_front = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) +
                           b * std::log(y) - std::log(a);
  return std::exp(log_front) * beta_fraction(x, a, b);
}

double normal_below(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

}  // namespace

double student_t_two_sided(double t, double degrees) {
  if (std::isinf(t)) return 0;
  const double whole = degrees + t * t;
  return incomplete_beta(degrees / whole, t * t / whole, degrees / 2, 0.5);
}

double student_t_quantile(double level, double degrees) {
  kernels::require(degrees >= 1,
                   "statistics: Student's t needs at least 1 degree of freedom, not {}", degrees);
  double low = 0, high = std::numbers::pi / 2;  // t = sqrt(degrees) tan(angle)
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2, t = std::sqrt(degrees) * std::tan(middle);
    (1 - student_t_two_sided(t, degrees) < level ? low : high) = middle;
  }
  return std::sqrt(degrees) * std::tan(low);
}

// Over u = sqrt(chi^2 / degrees), whose density is 2 (k/2)^(k/2) / Gamma(k/2) u^(k-1) exp(-k u^2 /
// 2), by Simpson's rule.
double power_of_t_test(double shift, double degrees) {
  const double t = student_t_quantile(0.95, degrees), half = degrees / 2;
  const double log_front = std::log(2) + half * std::log(half) - std::lgamma(half);
  constexpr int steps = 2000;
  const double step = (1 + 10 / std::sqrt(degrees)) / steps;
  double inside = 0;  // P(|T'| < t)
  for (int i = 0; i <= steps; ++i) {
    const double u = i * step;
    const double powered = degrees == 1 ? 0 : (degrees - 1) * std::log(u);  // u may be 0
    const double density = std::exp(log_front + powered - half * u * u);
    const double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
    inside += weight * density * (normal_below(t * u - shift) - normal_below(-t * u - shift));
  }
  return 1 - inside * step / 3;
}

double detectable_shift(double degrees, double power) {
  double low = 0, high = 100;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (power_of_t_test(middle, degrees) < power ? low : high) = middle;
  }
  return low;
}

}  // namespace experiments
