// SPDX-License-Identifier: MIT
#include "kernels/concat_channels.h"

#include "bench/bandwidth.h"

namespace {

using engine::Tensor;

struct Arrays {
  int rows, a_channels, b_channels;
  Tensor a = zeros(a_channels), b = zeros(b_channels), y = zeros(a_channels + b_channels);

  Tensor zeros(int channels) const { return Tensor::zeros({rows, channels}, bench::device()); }
};

Arrays arrays(const benchmark::State& state) {
  return {.rows = int(state.range(0)),
          .a_channels = int(state.range(1)),
          .b_channels = int(state.range(2))};
}

void concat_channels(benchmark::State& state) {
  const Arrays t = arrays(state);
  bench::run_and_report(state, kernels::ConcatChannels{t.a.in(), t.b.in(), t.y.out(), t.rows,
                                                       t.a_channels, t.b_channels});
}

void split_channels(benchmark::State& state) {
  const Arrays t = arrays(state);
  bench::run_and_report(state, kernels::SplitChannels{t.y.in(), t.a.out(), t.b.out(), t.rows,
                                                      t.a_channels, t.b_channels});
}

// DenseNet-BC-100-12 at batch 64: first and last layer of each block.
void dense(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->Args({65536, 24, 12})->Args({65536, 204, 12});
  b->Args({16384, 108, 12})->Args({16384, 288, 12})->Args({4096, 150, 12})->Args({4096, 330, 12});
}

BENCHMARK(concat_channels)->Apply(dense);
BENCHMARK(split_channels)->Apply(dense);

}  // namespace
