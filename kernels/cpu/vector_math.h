// SPDX-License-Identifier: MIT
#pragma once
#include <bit>
#include <cstdint>
#include <limits>

/// Plain code that the compiler turns into vector instructions inside a loop.
namespace kernels {

/// e^x for x <= 0, all that a softmax needs: within 1 ulp down to the smallest normal number, 0
/// below about -87.7, NaN for NaN. With n the integer next to x / ln 2 it is 2^n e^r, where |r| is
/// at most ln(2) / 2, and e^r the polynomial of Cephes' expf (S. Moshier).
inline float exp_nonpositive(float x) {
  constexpr float log2_e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  // Adding 1.5 * 2^23 rounds to an integer, in the low bits; 127 is the exponent's bias.
  constexpr float round = 12582912 + 127;
  x = x < -88 ? -88 : x;
  const float shifted = x * log2_e + round;
  const float n = shifted - round;
  const float power = std::bit_cast<float>(std::bit_cast<std::int32_t>(shifted) << 23);
  const float r = (x - n * ln2_high) - n * ln2_low;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r;
  return power + power * p;
}

/// The logarithm of a probability without its normalisation, (z - z_max) / T. Floored where e^d has
/// long been 0, so that sums of it stay finite and 0 times it is 0.
inline float distance(float z, float z_max, float inverse_temperature = 1) {
  const float d = (z - z_max) * inverse_temperature;
  return d < -1e30f ? -1e30f : d;
}

/// The largest of x; NaN is never the largest, and all NaN gives -infinity.
inline float largest(const float* x, int size) {
  constexpr float nothing = -std::numeric_limits<float>::infinity();
  float most = nothing;
#pragma omp simd reduction(max : most)
  for (int i = 0; i < size; ++i) most = most < x[i] ? x[i] : most;
  if (most > std::numeric_limits<float>::lowest()) return most;
  // clang's reduction begins with that, which need not be there.
  most = nothing;
  for (int i = 0; i < size; ++i) most = most < x[i] ? x[i] : most;
  return most;
}

}  // namespace kernels
