// SPDX-License-Identifier: MIT
#include "kernels/cpu/vector_math.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "test/support/catch.h"

using kernels::exp_nonpositive;
using kernels::largest;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("exp_nonpositive is within 1 ulp") {
  double worst = 0;
  float at = 0;
  for (float x = 0; x > -87.3f; x -= 1.0f / 8192) {
    const double want = std::exp(double(x));
    const double ulp = std::ldexp(1.0, std::ilogb(want) - 23);
    const double error = std::abs(exp_nonpositive(x) - want) / ulp;
    if (error > worst) worst = error, at = x;
  }
  INFO("worst at " << at);
  CHECK(worst < 1);
}

TEST_CASE("exp_nonpositive at the ends of its range") {
  CHECK(exp_nonpositive(0) == 1);
  CHECK(exp_nonpositive(-0.0f) == 1);
  CHECK(exp_nonpositive(-std::numeric_limits<float>::denorm_min()) == 1);
  CHECK(exp_nonpositive(-1e-8f) == 1);
  for (const float x :
       {-88.0f, -89.0f, -1e4f, -1e30f, std::numeric_limits<float>::lowest(), -infinity}) {
    CHECK(exp_nonpositive(x) == 0);
  }
  CHECK(std::isnan(exp_nonpositive(not_a_number)));
  // Between the smallest normal number and 0 it may be off, but falls.
  float before = exp_nonpositive(-87.3f);
  for (float x = -87.3f; x > -88; x -= 0.01f) {
    CHECK(exp_nonpositive(x) <= before);
    before = exp_nonpositive(x);
  }
}

TEST_CASE("largest finds the maximum wherever it is") {
  for (const int size : {1, 2, 7, 8, 15, 16, 17, 31, 33, 100}) {
    for (int at = 0; at < size; ++at) {
      std::vector<float> x(size, -5e8f);
      x[at] = -3;
      CHECK(largest(x.data(), size) == -3);
      std::fill(x.begin(), x.end(), not_a_number);
      CHECK(largest(x.data(), size) == -infinity);
      x[at] = 2;
      CHECK(largest(x.data(), size) == 2);
    }
  }
}
