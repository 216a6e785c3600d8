// SPDX-License-Identifier: MIT
#include "kernels/random_fill.h"

#include "kernels/cuda/access.cuh"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/philox.h"

namespace kernels {
namespace {

constexpr unsigned threads = 256;

struct FourValues {
  float v[4];
};

__device__ __forceinline__ FourValues values_of(const RandomUniform& op, const Philox4& words) {
  const double low = op.low, range = double(op.high) - op.low;
  FourValues values;
#pragma unroll
  for (int j = 0; j < 4; ++j) values.v[j] = float(low + range * to_unit(words[j]));
  return values;
}

__device__ __forceinline__ FourValues values_of(const RandomNormal& op, const Philox4& words) {
  const double mean = op.mean, deviation = op.std;
  FourValues values;
#pragma unroll
  for (int j = 0; j < 4; j += 2) {
    const double radius = deviation * sqrt(-2 * log(to_unit(words[j])));
    double sine, cosine;  // by cos and sin, a large angle would need stack memory
    sincospi(2 * to_unit(words[j + 1]), &sine, &cosine);
    values.v[j] = float(mean + radius * cosine);
    values.v[j + 1] = float(mean + radius * sine);
  }
  return values;
}

// Each thread makes the four numbers of one group. Parameters are filled once in a run.
//   shapes  y [size]
//   moves   4*size bytes
//   launch  ceil(size / 1024) blocks of 256 threads
template <class Op>
__global__ void random_fill_thread_per_group(Op op, bool aligned) {
  const std::size_t group = std::size_t(blockIdx.x) * threads + threadIdx.x, first = 4 * group;
  if (first >= op.size) return;
  const FourValues values =
      values_of(op, random_words(op.seed, Purpose::weights, op.stream, group));
  if (aligned && first + 4 <= op.size) {
    st4(op.y + first, make_float4(values.v[0], values.v[1], values.v[2], values.v[3]));
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    if (first + j < op.size) op.y[first + j] = values.v[j];
  }
}

template <class Op>
void fill(const Op& op) {
  launch(random_fill_thread_per_group<Op>, {ceil_div(op.size, 4 * threads), threads}, op,
         aligned_for(4, op.y));
}

}  // namespace

void run(Cuda, const RandomUniform& op) { fill(op); }
void run(Cuda, const RandomNormal& op) { fill(op); }

}  // namespace kernels
