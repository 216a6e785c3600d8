// SPDX-License-Identifier: MIT
#pragma once
#include <benchmark/benchmark.h>

#include "bench/device.h"
#include "bench/timing.h"
#include "kernels/runtime/launch_counts.h"

namespace bench {

/// Runs `op` in the benchmark's loop. Reports its best time in microseconds, the GB/s of its
/// bytes() by that, their share of what copying as many bytes reaches in the same time, and on a
/// GPU the launches of a run.
template <class Op>
void run_and_report(benchmark::State& state, const Op& op) {
  const auto work = [&] { run(device(), op); };
  const int count = runs_in_a_row(device(), work);
  double best = std::numeric_limits<double>::infinity();
  while (state.KeepRunningBatch(count))
    best = std::min(best, seconds_per_run(device(), work, count));
  state.counters["best_us"] = 1e6 * best;
  state.counters["GB/s"] = 1e-9 * double(op.bytes()) / best;
  state.counters["of_copy"] = copy_seconds(device(), op.bytes()) / best;
  if (device() == Device::cpu) return;
  const auto before = kernels::launch_counts().all();
  work();
  state.counters["launches"] = double(kernels::launch_counts().all() - before);
}

}  // namespace bench
