// SPDX-License-Identifier: MIT
#pragma once
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "test/support/catch.h"

namespace test {

inline void check_near(double got, double want, double tolerance) {
  INFO("got " << got << ", want " << want << " within " << tolerance);
  CHECK(std::abs(got - want) <= tolerance);
}

/// n values in (0, 1), the same for the same seed on every platform.
inline std::vector<double> uniform_sample(int n, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::vector<double> u(static_cast<std::size_t>(n));
  for (double& x : u) x = (double(engine() >> 12) + 0.5) * 0x1p-52;
  return u;
}

/// |got - want| over |want|.
template <class A, class B>
double relative_error(const std::vector<A>& got, const std::vector<B>& want) {
  REQUIRE(got.size() == want.size());
  double difference = 0, length = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const double of = want[i], off = got[i] - of;
    difference += off * off;
    length += of * of;
  }
  return std::sqrt(difference / length);
}

}  // namespace test
