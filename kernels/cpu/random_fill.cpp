// SPDX-License-Identifier: MIT
#include "kernels/random_fill.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/cpu/parallel.h"
#include "kernels/runtime/philox.h"

namespace kernels {
namespace {

/// y[4i .. 4i+3] = make(words of group i)[0 .. 3].
template <class Op, class Make>
void fill_groups(const Op& op, Make make) {
  const std::size_t groups = (op.size + 3) / 4;
#pragma omp parallel for schedule(static) if (op.size >= parallel_from)
  for (std::size_t i = 0; i < groups; ++i) {
    float values[4];
    make(random_words(op.seed, Purpose::weights, op.stream, i), values);
    std::copy_n(values, std::min<std::size_t>(4, op.size - 4 * i), op.y + 4 * i);
  }
}

}  // namespace

void run(Cpu, const RandomUniform& op) {
  const double low = op.low, range = double(op.high) - op.low;
  fill_groups(op, [=](const Philox4& words, float* values) {
    for (int j = 0; j < 4; ++j) values[j] = float(low + range * to_unit(words[j]));
  });
}

void run(Cpu, const RandomNormal& op) {
  const double mean = op.mean, deviation = op.std;
  fill_groups(op, [=](const Philox4& words, float* values) {
    for (int j = 0; j < 4; j += 2) {
      const double radius = deviation * std::sqrt(-2 * std::log(to_unit(words[j])));
      const double angle = 2 * std::numbers::pi * to_unit(words[j + 1]);
      values[j] = float(mean + radius * std::cos(angle));
      values[j + 1] = float(mean + radius * std::sin(angle));
    }
  });
}

}  // namespace kernels
