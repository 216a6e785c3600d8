// SPDX-License-Identifier: MIT
#include "experiments/metrics/statistics.h"

#include <cmath>
#include <utility>
#include <vector>

#include "kernels/runtime/error.h"
#include "test/support/catch.h"

using namespace experiments;

TEST_CASE("the 95 % quantile of Student's t") {
  const std::vector<std::pair<int, double>> table = {
      {1, 12.706205}, {2, 4.302653},  {3, 3.182446},  {4, 2.776445},   {5, 2.570582},
      {6, 2.446912},  {7, 2.364624},  {8, 2.306004},  {9, 2.262157},   {10, 2.228139},
      {15, 2.131450}, {30, 2.042272}, {60, 2.000298}, {120, 1.979930}, {100000, 1.959988}};
  for (const auto& [degrees, quantile] : table) {
    INFO(degrees << " degrees of freedom");
    CHECK(std::abs(student_t_95(degrees) - quantile) < 1e-6);
  }
  CHECK_THROWS_AS(student_t_95(0), kernels::Error);
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
