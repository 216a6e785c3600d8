// SPDX-License-Identifier: MIT
#include "kernels/copy_channels.h"

#include "bench/bandwidth.h"

namespace {

using engine::Tensor;

struct Arrays {
  int rows, channels, all;
  Tensor narrow = zeros(channels), wide = zeros(all);

  Tensor zeros(int columns) const { return Tensor::zeros({rows, columns}, bench::device()); }
};

Arrays arrays(const benchmark::State& state) {
  return {.rows = int(state.range(0)), .channels = int(state.range(1)), .all = int(state.range(2))};
}

// What a layer adds, and its gradient.
void append_channels(benchmark::State& state) {
  const Arrays t = arrays(state);
  const Tensor last = t.wide.narrow(t.all - t.channels, t.channels);
  bench::run_and_report(state,
                        kernels::CopyChannels{t.narrow.in(), last.out(), t.rows, t.channels});
}

void take_channels(benchmark::State& state) {
  const Arrays t = arrays(state);
  const Tensor last = t.wide.narrow(t.all - t.channels, t.channels);
  bench::run_and_report(state,
                        kernels::CopyChannels{last.in(), t.narrow.out(), t.rows, t.channels});
}

// DenseNet-BC-100-12 at batch 64: a layer of each block, and what its block begins with.
void dense(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->Args({65536, 12, 216})->Args({16384, 12, 300})->Args({4096, 12, 342});
  b->Args({65536, 24, 216})->Args({16384, 108, 300})->Args({4096, 150, 342});
}

BENCHMARK(append_channels)->Apply(dense);
BENCHMARK(take_channels)->Apply(dense);

}  // namespace
