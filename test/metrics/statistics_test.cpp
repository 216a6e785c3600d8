// SPDX-License-Identifier: MIT
#include "experiments/metrics/statistics.h"

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "experiments/metrics/student_t.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/doubles.h"

using namespace experiments;
using test::check_near;

TEST_CASE("Student's t agrees with its tables and with SciPy") {
  const std::vector<std::pair<int, double>> table = {
      {1, 12.706205}, {2, 4.302653},  {3, 3.182446},  {4, 2.776445},   {5, 2.570582},
      {6, 2.446912},  {7, 2.364624},  {8, 2.306004},  {9, 2.262157},   {10, 2.228139},
      {15, 2.131450}, {30, 2.042272}, {60, 2.000298}, {120, 1.979930}, {100000, 1.959988}};
  for (const auto& [degrees, quantile] : table) {
    INFO(degrees << " degrees of freedom");
    CHECK(std::abs(student_t_quantile(0.95, degrees) - quantile) < 1e-6);
  }
  CHECK_THROWS_AS(student_t_quantile(0.95, 0), kernels::Error);

  // scipy.stats.t: ppf(0.995), 2 sf(1.7).
  struct Row {
    double degrees, quantile_99, beyond;
  };
  for (const Row& row : {Row{1, 63.656741162871526, 0.3385060546606654},
                         Row{2, 9.924843200918287, 0.23123342620157122},
                         Row{2.7, 6.533128433408452, 0.19773011956527908},
                         Row{4, 4.604094871349992, 0.16435494127005},
                         Row{33.3, 2.7317794841750676, 0.09845463073584401}}) {
    INFO(row.degrees << " degrees of freedom");
    check_near(student_t_quantile(0.99, row.degrees) / row.quantile_99, 1, 1e-9);
    check_near(student_t_two_sided(1.7, row.degrees), row.beyond, 1e-12);
    CHECK(student_t_two_sided(-1.7, row.degrees) == student_t_two_sided(1.7, row.degrees));
  }
  CHECK(student_t_two_sided(0, 3) == 1);
}

TEST_CASE("the power of a t test is that of the noncentral t") {
  // By numeric integration in SciPy: the power at a shift of 2, the shift of 80 %.
  struct Row {
    double degrees, power, shift;
  };
  for (const Row& row : {Row{1, 0.1257563177, 16.33400887}, Row{2, 0.2183070748, 5.653489266},
                         Row{4, 0.3359651039, 3.76105956}, Row{9, 0.4313263147, 3.149632886},
                         Row{33.3, 0.4929582482, 2.88568915}}) {
    INFO(row.degrees << " degrees of freedom");
    check_near(power_of_t_test(2, row.degrees), row.power, 1e-6);
    check_near(detectable_shift(row.degrees) / row.shift, 1, 1e-5);
    check_near(power_of_t_test(0, row.degrees), 0.05, 1e-6);
  }
}

TEST_CASE("tests of a mean agree with SciPy") {
  const Interval i = interval(std::vector<double>{0.3, 0.9, 0.4, 1.1, -0.2});
  check_near(p_value(i), 0.09561078073827974, 1e-12);
  check_near(p_of_equivalence(i, 1.2), 0.019189728446458647, 1e-12);
  check_near(p_of_equivalence(i, 0.3), 0.7829972500937257, 1e-12);
  check_near(*hedges_g(i), 0.774973993700958, 1e-12);
  check_near(*detectable_difference(i), 3.76105956 * 0.51478150704935 / std::sqrt(5), 1e-5);
  const Interval one = interval(std::vector<double>{1});
  CHECK(p_value(one) == 1);
  CHECK(p_of_equivalence(one, 2) == 1);
  CHECK_FALSE(hedges_g(one));
  CHECK_FALSE(detectable_difference(one));
  const Interval equal = interval(std::vector<double>{0, 0, 0});
  CHECK(p_value(equal) == 1);
  CHECK(p_of_equivalence(equal, 0.1) == 0);
  CHECK(p_value(interval(std::vector<double>{1, 1, 1})) == 0);
}

TEST_CASE("p values are adjusted as by hand and by SciPy") {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005, 0.2};
  // Ascending 0.005, 0.01, 0.03, 0.04, 0.2 times 5, 4, 3, 2, 1, none below the one before.
  const std::vector<double> by_holm = {0.04, 0.09, 0.09, 0.025, 0.2};
  const std::vector<double> by_share = {0.025, 0.05, 0.05, 0.025, 0.2};  // false_discovery_control
  for (std::size_t i = 0; i < p.size(); ++i) {
    check_near(holm(p)[i], by_holm[i], 1e-15);
    check_near(benjamini_hochberg(p)[i], by_share[i], 1e-15);
  }
  // Two are rejected, at 0.05 / 5 and 0.05 / 4; the others' turn is among three.
  const std::vector<double> levels = holm_levels(p);
  check_near(levels[3], 1 - 0.05 / 5, 1e-15);
  check_near(levels[0], 1 - 0.05 / 4, 1e-15);
  for (const int i : {1, 2, 4}) check_near(levels[std::size_t(i)], 1 - 0.05 / 3, 1e-15);
  CHECK(holm({}).empty());
  CHECK(holm(std::vector<double>{0.7, 0.9}) == std::vector<double>{1, 1});
}

TEST_CASE("an interval at Holm's level excludes 0 where Holm's p is below 0.05") {
  std::vector<Interval> family;
  std::vector<double> p;
  for (int k = 0; k < 12; ++k) {
    family.push_back(
        interval(std::vector<double>{0.2 * k, 0.2 * k + 0.3, 0.2 * k - 0.35, 0.2 * k}));
    p.push_back(p_value(family.back()));
  }
  const std::vector<double> adjusted = holm(p), levels = holm_levels(p);
  int rejected = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const bool excludes = std::abs(family[i].mean) > family[i].half_width_at(levels[i]);
    CHECK(excludes == (adjusted[i] < 0.05));
    rejected += excludes;
  }
  CHECK(rejected > 0);
  CHECK(rejected < 12);
}

TEST_CASE("rank correlation") {
  using V = std::vector<double>;
  check_near(*rank_correlation(V{1, 2, 3, 4, 5}, V{5, 6, 7, 8, 7}), 0.8207826816681233, 1e-12);
  check_near(*rank_correlation(V{1, 2, 2, 3}, V{4, 1, 3, 3}), -0.5, 1e-12);
  CHECK(*rank_correlation(V{1, 10, 100}, V{-1, 0, 1}) == 1);
  CHECK_FALSE(rank_correlation(V{1, 1, 1}, V{1, 2, 3}));
  CHECK_FALSE(rank_correlation(V{1}, V{1}));
  CHECK_THROWS_AS(rank_correlation(V{1}, V{}), kernels::Error);
}

TEST_CASE("the permutation test counts the orders that are as extreme") {
  using V = std::vector<double>;
  using Seeds = std::vector<PairsOfSeed>;
  const PairsOfSeed up{{1, 2, 3}, {4, 5, 6}}, down{{1, 2, 3}, {6, 5, 4}};
  check_near(*permutation_p(Seeds{up}), 2.0 / 6, 1e-12);
  check_near(*permutation_p(Seeds{up, up, up}), 2.0 / 216, 1e-12);
  check_near(*permutation_p(Seeds{up, down}), 1, 1e-12);
  // By hand: all pairs of orders of two seeds, with a tie.
  const PairsOfSeed a{{1, 2, 3, 4}, {1, 3, 2, 4}}, b{{5, 1, 1, 7}, {2, 1, 4, 3}};
  const double found = *rank_correlation(a.x, a.y) + *rank_correlation(b.x, b.y);
  int extreme = 0, all = 0;
  V one = a.y, other = b.y;
  std::ranges::sort(one);
  do {
    std::ranges::sort(other);
    do {
      const double sum = *rank_correlation(a.x, one) + *rank_correlation(b.x, other);
      extreme += std::abs(sum) >= std::abs(found) - 1e-9;
      ++all;
    } while (std::ranges::next_permutation(other).found);
  } while (std::ranges::next_permutation(one).found);
  CHECK(all == 24 * 24);
  check_near(*permutation_p(Seeds{a, b}), double(extreme) / all, 1e-12);
  const PairsOfSeed flat{{1, 1, 1}, {1, 2, 3}};
  CHECK_FALSE(permutation_p(Seeds{up, flat}));
  // Ties give each seed values of its own, of whose sums there are very many.
  Seeds many;
  for (int s = 0; s < 10; ++s) {
    V x{1, 2, 3, 4, 5, 6, 7, 8, 9};
    x[std::size_t(s % 8)] = x[std::size_t(s % 8) + 1];
    many.push_back({x, {2, 1, 3, 5, 5, 4, 8, 9, 7}});
  }
  CHECK(*permutation_p(many) < 1e-6);
  const PairsOfSeed of_ten{V{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, V{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
  CHECK_FALSE(permutation_p(Seeds{of_ten}));
}

TEST_CASE("an interval over seeds and images covers what both spread") {
  // 4 seeds and 400 images, crossed: seed, image and their own noise, each with a deviation of 1, 8
  // and 8, that of means 0.5, 0.4 and 0.2. Seeds alone miss what images share.
  constexpr int repetitions = 2000, seeds = 4, images = 400;
  std::mt19937_64 bits(1);
  std::normal_distribution<double> normal;
  int covered = 0, by_seeds = 0;
  for (int r = 0; r < repetitions; ++r) {
    const double of_images = normal(bits) * 8 / std::sqrt(images);
    std::vector<double> means;
    for (int s = 0; s < seeds; ++s)
      means.push_back(normal(bits) + of_images + normal(bits) * 8 / std::sqrt(images));
    const Interval over_seeds = interval(means);
    const double variance = (64.0 + 64.0 / seeds) / images;  // what resampling images estimates
    const Interval both = with_image_variance(over_seeds, variance, images);
    covered += std::abs(both.mean) < both.half_width;
    by_seeds += std::abs(over_seeds.mean) < over_seeds.half_width;
  }
  CHECK(covered > 0.94 * repetitions);
  CHECK(covered < 0.99 * repetitions);
  CHECK(by_seeds < covered);

  const Interval i = interval(std::vector<double>{1, 2, 4});
  CHECK(with_image_variance(i, 0, 100).half_width == i.half_width);
  const Interval wide = with_image_variance(i, 4, 101);
  const double v = i.standard_error * i.standard_error;
  check_near(wide.standard_error, std::sqrt(v + 4), 1e-14);
  check_near(wide.degrees, (v + 4) * (v + 4) / (v * v / 2 + 16.0 / 100), 1e-12);
}

TEST_CASE("repeats that happen to agree are no more certain for the many images") {
  // Three seeds, which spread ten times as far as images do: a test at 0.1 % has to find too much
  // in no more of the repetitions.
  constexpr int repetitions = 20000, images = 10000;
  constexpr double level = 0.001, variance = 0.01;
  std::mt19937_64 bits(2);
  std::normal_distribution<double> normal;
  int found = 0, excluded = 0;
  for (int r = 0; r < repetitions; ++r) {
    const double of_images = normal(bits) * std::sqrt(variance);
    std::vector<double> means;
    for (int s = 0; s < 3; ++s) means.push_back(normal(bits) + of_images);
    const Interval both = with_image_variance(interval(means), variance, images);
    found += p_value(both) < level;
    excluded += std::abs(both.mean) > both.half_width_at(1 - level);
  }
  CHECK(found < 2 * level * repetitions);
  CHECK(excluded == found);

  const Interval seeds = interval(std::vector<double>{1, 2, 4});
  const Interval both = with_image_variance(seeds, 0.01, images);
  CHECK(both.standard_error > seeds.standard_error);
  CHECK(both.half_width == seeds.half_width);  // the wider one
  CHECK(p_value(both) == p_value(seeds));
  CHECK(p_of_equivalence(both, 9) == p_of_equivalence(seeds, 9));
  CHECK(detectable_difference(both) == detectable_difference(seeds));
}

TEST_CASE("interval of repeats") {
  const auto five = interval(std::vector<double>{1, 2, 3, 4, 5});
  CHECK(five.count == 5);
  CHECK(std::abs(five.mean - 3) < 1e-15);
  CHECK(std::abs(five.stddev - std::sqrt(2.5)) < 1e-15);
  CHECK(std::abs(five.half_width - 2.776445 * std::sqrt(2.5 / 5)) < 1e-6);

  const auto one = interval(std::vector<double>{7});
  CHECK(one.count == 1);
  CHECK(one.mean == 7);
  CHECK(one.half_width == 0);
  CHECK(one.stddev == 0);
  CHECK_THROWS_AS(interval({}), kernels::Error);
}

TEST_CASE("a paired difference is free of what the pairs share") {
  const std::vector<double> a = {10.5, 21, 33.5}, b = {10, 20, 30};
  const auto d = paired_difference(a, b);  // of 0.5, 1, 3.5
  CHECK(d.count == 3);
  CHECK(std::abs(d.mean - 5.0 / 3) < 1e-14);
  const double stddev = std::sqrt((49.0 + 16 + 121) / 36 / 2);
  CHECK(std::abs(d.stddev - stddev) < 1e-14);
  CHECK(std::abs(d.half_width - 4.302653 * stddev / std::sqrt(3)) < 1e-6);
  CHECK(paired_difference(b, a).mean == -d.mean);
  CHECK(paired_difference(std::vector<double>{2}, std::vector<double>{1}).half_width == 0);
  CHECK_THROWS_AS(paired_difference(a, std::vector<double>{1}), kernels::Error);
  CHECK_THROWS_AS(paired_difference({}, {}), kernels::Error);
}
