// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"

namespace kernels {

/// Random numbers for initialisation. Elements 4i .. 4i+3 come from
/// random_words(seed, Purpose::weights, stream, i). Computed in double, rounded once.
struct RandomUniform {
  float* y;  // [size]  out, in [low, high]
  std::size_t size;
  float low, high;
  std::uint64_t seed;
  std::uint32_t stream;  // one number per parameter

  std::size_t bytes() const { return 4 * size; }
};

/// Normal, by Box-Muller on the pairs (v[0], v[1]) and (v[2], v[3]):
/// sqrt(-2 ln u0) times cos(2 pi u1) and sin(2 pi u1).
struct RandomNormal {
  float* y;  // [size]  out
  std::size_t size;
  float mean, std;
  std::uint64_t seed;
  std::uint32_t stream;

  std::size_t bytes() const { return 4 * size; }
};

void run(Cpu, const RandomUniform&);
void run(Cpu, const RandomNormal&);
void run(Cuda, const RandomUniform&);
void run(Cuda, const RandomNormal&);

}  // namespace kernels
