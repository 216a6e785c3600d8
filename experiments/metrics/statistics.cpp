// SPDX-License-Identifier: MIT
#include "experiments/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "experiments/metrics/student_t.h"
#include "kernels/runtime/error.h"

namespace experiments {
namespace {

constexpr double significance = 0.05;

void set_half_width(Interval& i) { i.half_width = i.half_width_at(1 - significance); }

/// Places of the values in ascending order.
std::vector<std::size_t> ascending(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
  return order;
}

/// Less their mean; ties have their mean rank.
std::vector<double> centred_ranks(std::span<const double> values) {
  const std::vector<std::size_t> order = ascending(values);
  const double middle = (double(values.size()) - 1) / 2;
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, last; first < order.size(); first = last) {
    for (last = first; last < order.size() && values[order[last]] == values[order[first]];) ++last;
    for (std::size_t i = first; i < last; ++i)
      ranks[order[i]] = double(first + last - 1) / 2 - middle;
  }
  return ranks;
}

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The largest of what a t test says by all that varies and by the repeats alone.
template <class Test>
double larger_of_tests(const Interval& i, Test test) {
  return std::max(test(i.standard_error, i.degrees),
                  test(i.stddev / std::sqrt(i.count), i.count - 1.0));
}

}  // namespace

double Interval::half_width_at(double level) const {
  if (degrees <= 0) return 0;
  return larger_of_tests(*this, [level](double error, double freedom) {
    return student_t_quantile(level, freedom) * error;
  });
}

Interval interval(std::span<const double> repeats) {
  kernels::require(!repeats.empty(), "statistics: there are no repeats to take the mean of");
  const int n = int(repeats.size());
  Interval result{.count = n};
  for (const double x : repeats) result.mean += x / n;
  if (n == 1) return result;
  double squares = 0;
  for (const double x : repeats) squares += (x - result.mean) * (x - result.mean);
  result.stddev = std::sqrt(squares / (n - 1));
  result.standard_error = result.stddev / std::sqrt(n);
  result.degrees = n - 1;
  set_half_width(result);
  return result;
}

Interval paired_difference(std::span<const double> a, std::span<const double> b) {
  kernels::require(a.size() == b.size(), "statistics: {} repeats cannot be paired with {}",
                   a.size(), b.size());
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  return interval(differences);
}

Interval with_image_variance(Interval i, double variance, int images) {
  if (i.count < 2 || variance <= 0) return i;
  const double over_repeats = i.standard_error * i.standard_error, all = over_repeats + variance;
  i.degrees =
      all * all /
      (over_repeats * over_repeats / (i.count - 1) + variance * variance / std::max(1, images - 1));
  i.standard_error = std::sqrt(all);
  set_half_width(i);
  return i;
}

double p_value(const Interval& i) {
  if (i.degrees <= 0) return 1;
  if (i.standard_error == 0) return i.mean == 0 ? 1 : 0;
  return larger_of_tests(i, [&i](double error, double freedom) {
    return error > 0 ? student_t_two_sided(i.mean / error, freedom) : 0;
  });
}

double p_of_equivalence(const Interval& i, double margin) {
  if (i.degrees <= 0) return 1;
  const double room = margin - std::abs(i.mean);
  if (i.standard_error == 0) return room > 0 ? 0 : 1;
  return larger_of_tests(i, [room](double error, double freedom) {
    const double beyond = error > 0 ? student_t_two_sided(room / error, freedom) / 2 : 0;
    return room > 0 ? beyond : 1 - beyond;
  });
}

std::optional<double> hedges_g(const Interval& i) {
  if (i.count < 3 || i.stddev == 0) return std::nullopt;
  const double half = (i.count - 1) / 2.0;
  return i.mean / i.stddev * std::exp(std::lgamma(half) - std::lgamma(half - 0.5)) /
         std::sqrt(half);
}

std::optional<double> detectable_difference(const Interval& i) {
  if (i.degrees <= 0) return std::nullopt;
  return larger_of_tests(
      i, [](double error, double freedom) { return error * detectable_shift(freedom); });
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<double> adjusted(p.size());
  double largest = 0;
  std::size_t standing = p.size();
  for (const std::size_t i : ascending(p)) {
    largest = std::max(largest, std::min(1.0, double(standing--) * p[i]));
    adjusted[i] = largest;
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<double> adjusted(p.size());
  const std::vector<std::size_t> order = ascending(p);
  double smallest = 1;
  for (std::size_t rank = order.size(); rank-- > 0;) {
    smallest = std::min(smallest, double(p.size()) / double(rank + 1) * p[order[rank]]);
    adjusted[order[rank]] = smallest;
  }
  return adjusted;
}

std::vector<double> holm_levels(std::span<const double> p) {
  std::vector<double> levels(p.size());
  const std::vector<double> adjusted = holm(p);
  std::size_t standing = p.size();
  for (const std::size_t i : ascending(p)) {
    levels[i] = 1 - significance / double(standing);
    if (adjusted[i] < significance) --standing;
  }
  return levels;
}

std::optional<double> rank_correlation(std::span<const double> x, std::span<const double> y) {
  kernels::require(x.size() == y.size(), "statistics: {} values cannot be paired with {}", x.size(),
                   y.size());
  const std::vector<double> a = centred_ranks(x), b = centred_ranks(y);
  const double squares = dot(a, a) * dot(b, b);
  if (squares == 0) return std::nullopt;
  return dot(a, b) / std::sqrt(squares);
}

namespace {

/// Correlations are counted in units of this size, in which sums of several seeds are few enough to
/// have a place each, and values of up to 9 pairs without ties lie 166 apart or more.
constexpr int units = 10'000;
int in_units(double correlation) { return int(std::lround(units * correlation)); }

/// How likely each value is of the correlation of x with any order of y.
std::map<int, double> correlations_by_chance(const PairsOfSeed& pairs) {
  const std::vector<double> a = centred_ranks(pairs.x);
  std::vector<double> b = centred_ranks(pairs.y);
  const double size = std::sqrt(dot(a, a) * dot(b, b));
  std::ranges::sort(b);
  std::map<int, double> all;
  double orders = 0;
  do {
    all[in_units(dot(a, b) / size)] += 1;
    ++orders;
  } while (std::ranges::next_permutation(b).found);
  for (auto& [value, likelihood] : all) likelihood /= orders;
  return all;
}

}  // namespace

std::optional<double> permutation_p(std::span<const PairsOfSeed> seeds) {
  constexpr std::size_t most = 9;
  std::ptrdiff_t found = 0;
  std::vector<double> sums{1};  // how likely each sum is, from the lowest that can be
  for (const PairsOfSeed& pairs : seeds) {
    const auto correlation = rank_correlation(pairs.x, pairs.y);
    if (pairs.x.size() > most || !correlation) return std::nullopt;
    found += in_units(*correlation);
    std::vector<double> more(sums.size() + 2 * units);
    for (const auto& [value, likelihood] : correlations_by_chance(pairs))
      for (std::size_t i = 0; i < sums.size(); ++i)
        more[i + std::size_t(value + units)] += likelihood * sums[i];
    sums = std::move(more);
  }
  const std::ptrdiff_t bound = std::abs(found) - std::ssize(seeds);  // each is rounded
  double p = 0;
  for (std::ptrdiff_t i = 0; i < std::ssize(sums); ++i)
    if (std::abs(i - std::ssize(seeds) * units) >= bound) p += sums[std::size_t(i)];
  return p;
}

}  // namespace experiments
