// SPDX-License-Identifier: MIT
#include "kernels/pool.h"

#include "bench/bandwidth.h"

namespace {

using engine::Tensor;

struct Arrays {
  kernels::PoolShape shape;
  Tensor x = Tensor::zeros({int(shape.x_size())}, bench::device());
  Tensor y = Tensor::zeros({int(shape.y_size())}, bench::device());
  Tensor chosen = Tensor::zeros({int(shape.y_size())}, bench::device(), kernels::DType::u8);
};

Arrays arrays(const benchmark::State& state) {
  const int size = int(state.range(1)), window = int(state.range(3));
  return {{.n = int(state.range(0)),
           .h = size,
           .w = size,
           .c = int(state.range(2)),
           .window_h = window,
           .window_w = window,
           .stride = window}};
}

void avg_pool(benchmark::State& state) {
  const Arrays t = arrays(state);
  bench::run_and_report(state, kernels::AvgPool{t.x.in(), t.y.out(), t.shape});
}

void avg_pool_grad(benchmark::State& state) {
  const Arrays t = arrays(state);
  bench::run_and_report(state, kernels::AvgPoolGrad{t.y.in(), t.x.out(), t.shape});
}

void max_pool(benchmark::State& state) {
  const Arrays t = arrays(state);
  bench::run_and_report(
      state, kernels::MaxPool{t.x.in(), t.y.out(), t.chosen.data<std::uint8_t>(), t.shape});
}

void max_pool_grad(benchmark::State& state) {
  const Arrays t = arrays(state);
  bench::run_and_report(
      state, kernels::MaxPoolGrad{t.y.in(), t.chosen.data<std::uint8_t>(), t.x.out(), t.shape});
}

// n, h = w, c, window: the transitions and the end of DenseNet-BC-100-12, the end of ResNet-20.
void shapes(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->Args({64, 32, 108, 2})->Args({64, 16, 150, 2});
  b->Args({64, 8, 342, 8})->Args({128, 8, 64, 8});
}

BENCHMARK(avg_pool)->Apply(shapes);
BENCHMARK(avg_pool_grad)->Apply(shapes);
BENCHMARK(max_pool)->Apply(shapes);
BENCHMARK(max_pool_grad)->Apply(shapes);

}  // namespace
