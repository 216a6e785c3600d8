// SPDX-License-Identifier: MIT
#pragma once
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

#include "engine/tensor.h"
#include "kernels/elementwise.h"

namespace bench {

/// Bytes per second that `op` moves, going by its bytes(): the best of many tries, so that what
/// else the machine is doing counts little.
template <class Op>
double best_bandwidth(const Op& op) {
  const int batch = int(std::max<std::size_t>(1, 500000 / op.bytes()));  // long enough for a clock
  double best = 0;
  for (int repeat = 0; repeat < 50; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < batch; ++i) run(kernels::Cpu{}, op);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::max(best, batch * double(op.bytes()) / time.count());
  }
  return best;
}

/// The same for copying so much that `bytes` are read and written in all: what that part of the
/// memory can do in which the data of such an op lie, with the threads such an op has.
inline double copy_bandwidth(std::size_t bytes) {
  const engine::Shape half{int(bytes / 8)};
  const engine::Tensor from = engine::Tensor::zeros(half, kernels::Device::cpu), to = from.clone();
  const float one = 1;
  return best_bandwidth(kernels::Scale{from.in(), &one, to.out(), from.size()});
}

/// Runs `op` in the benchmark's loop; reports bytes per second, its best time in microseconds, and
/// the share of_copy: its best bandwidth over that of copying as many bytes.
template <class Op>
void run_and_report(benchmark::State& state, const Op& op) {
  for (auto _ : state) run(kernels::Cpu{}, op);
  state.SetBytesProcessed(std::int64_t(state.iterations() * op.bytes()));
  const double best = best_bandwidth(op);
  state.counters["best_us"] = 1e6 * double(op.bytes()) / best;
  state.counters["of_copy"] = best / copy_bandwidth(op.bytes());
}

}  // namespace bench
