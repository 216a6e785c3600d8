// SPDX-License-Identifier: MIT
#pragma once
#include <span>

namespace experiments {

/// Mean over repeats with its 95 % confidence interval by Student's t: mean +- half_width.
struct Interval {
  double mean = 0;
  double half_width = 0;  // 0 for a single repeat: there is no interval then
  double stddev = 0;      // sample standard deviation, n - 1
  int count = 0;
};
Interval interval(std::span<const double> repeats);

/// The interval of a[i] - b[i]. Repeats that share their seed share what the seed decides (split,
/// first weights, order), so its spread cancels. Throws Error unless there are equally many.
Interval paired_difference(std::span<const double> a, std::span<const double> b);

/// The two-sided 95 % quantile of Student's t with `degrees` >= 1 degrees of freedom.
double student_t_95(int degrees);

}  // namespace experiments
