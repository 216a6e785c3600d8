// SPDX-License-Identifier: MIT
// The speed of the memory: the bandwidth of copying, which the other benches measure ops against.
#include "bench/bandwidth.h"

namespace {

// The argument is what is read and written in all, in bytes.
void copy(benchmark::State& state) {
  const auto bytes = std::size_t(state.range(0));
  double best = 0;
  for (auto _ : state) best = bench::copy_seconds(bench::device(), bytes);
  state.counters["GB/s"] = 1e-9 * double(bytes) / best;
}

BENCHMARK(copy)->UseRealTime()->Iterations(1)->RangeMultiplier(16)->Range(1 << 16, 1 << 28);

}  // namespace
