// SPDX-License-Identifier: MIT
#include "kernels/batch_norm.h"

#include "bench/bandwidth.h"
#include "engine/tensor.h"

namespace {

using engine::Tensor;

struct Arrays {
  int rows, channels, x_channels;  // the latter with those behind the ones that are normalised
  Tensor x = activations(1, x_channels).narrow(0, channels), residual = activations(2, channels),
         y = activations(3, channels), dy = activations(4, channels),
         dx = activations(5, x_channels).narrow(0, channels), dresidual = activations(6, channels);
  Tensor gamma = parameters(), beta = parameters(), mean = parameters(), rstd = parameters(),
         running_mean = parameters(), running_var = parameters(), dgamma = parameters(),
         dbeta = parameters(), var = parameters(), slope = parameters(), offset = parameters();

  Tensor activations(std::size_t seed, int columns) const {
    std::vector<float> values(std::size_t(rows) * columns);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = float((i + seed) * 7 % 83) / 40 - 1;
    return Tensor::from(values, {rows, columns}, bench::device());
  }
  Tensor parameters() const {
    return Tensor::from(std::vector<float>(channels, 1), {channels}, bench::device());
  }
};

Arrays arrays(const benchmark::State& state) {
  return {.rows = int(state.range(0)),
          .channels = int(state.range(1)),
          .x_channels = int(state.range(2))};
}

// `kept`: with statistics that are known, as in a DenseNet's block.
void forward(benchmark::State& state, bool has_residual, bool kept) {
  const Arrays a = arrays(state);
  kernels::BatchNorm op{.x = a.x.in(),
                        .residual = (has_residual ? a.residual : Tensor{}).in(),
                        .gamma = a.gamma.data(),
                        .beta = a.beta.data(),
                        .y = a.y.out(),
                        .mean = a.mean.data(),
                        .rstd = a.rstd.data(),
                        .running_mean = a.running_mean.data(),
                        .running_var = a.running_var.data(),
                        .rows = a.rows,
                        .channels = a.channels,
                        .relu = true};
  if (kept) {
    op.var = a.var.data();
    op.pass = kernels::BatchNormPass::output;
  }
  bench::run_and_report(state, op);
}

// `one_pass`: with a remainder, likewise.
void backward(benchmark::State& state, bool has_residual, bool adds, bool one_pass) {
  const Arrays a = arrays(state);
  kernels::BatchNormBackward op{.x = a.x.in(),
                                .y = a.y.in(),
                                .dy = a.dy.in(),
                                .addend = (adds ? a.dx : Tensor{}).in(),
                                .gamma = a.gamma.data(),
                                .beta = a.beta.data(),
                                .mean = a.mean.data(),
                                .rstd = a.rstd.data(),
                                .dx = a.dx.out(),
                                .dresidual = (has_residual ? a.dresidual : Tensor{}).out(),
                                .dgamma = a.dgamma.data(),
                                .dbeta = a.dbeta.data(),
                                .rows = a.rows,
                                .channels = a.channels,
                                .relu = true};
  if (one_pass) {
    op.slope = a.slope.data();
    op.offset = a.offset.data();
  }
  bench::run_and_report(state, op);
}

// DenseNet-BC-100-12 at batch 64: first and last layers of each block, whose arrays have room for
// all of its channels.
void dense(benchmark::internal::Benchmark* b) {
  b->UseRealTime();
  for (const int channels : {24, 48, 120, 216}) b->Args({65536, channels, 216});
  for (const int channels : {108, 300}) b->Args({16384, channels, 300});
  for (const int channels : {150, 342}) b->Args({4096, channels, 342});
}

// Its first bottleneck; ResNet-20 at batch 128, ResNet-34 at batch 64.
void residual(benchmark::internal::Benchmark* b) {
  b->UseRealTime();
  for (const auto& [rows, channels] : {std::pair(65536, 48),
                                       {131072, 16},
                                       {32768, 32},
                                       {8192, 64},
                                       {65536, 64},
                                       {16384, 128},
                                       {4096, 256},
                                       {1024, 512}})
    b->Args({rows, channels, channels});
}

BENCHMARK_CAPTURE(forward, relu, false, false)->Apply(dense)->Apply(residual);
BENCHMARK_CAPTURE(forward, relu_kept, false, true)->Apply(dense);
BENCHMARK_CAPTURE(forward, add_relu, true, false)->Apply(residual);
BENCHMARK_CAPTURE(backward, relu, false, false, false)->Apply(dense)->Apply(residual);
BENCHMARK_CAPTURE(backward, relu_addend, false, true, false)->Apply(dense);
BENCHMARK_CAPTURE(backward, relu_addend_one_pass, false, true, true)->Apply(dense);
BENCHMARK_CAPTURE(backward, add_relu, true, false, false)->Apply(residual);

}  // namespace
