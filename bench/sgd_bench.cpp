// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "bench/bandwidth.h"
#include "engine/step_state.h"
#include "kernels/adamw.h"
#include "kernels/clip_factor.h"

namespace {

using engine::Tensor;

/// Parameters, and what optimizers keep of them.
struct Arrays {
  Tensor weight, grad, first, second, ema;
  engine::StepState step;

  explicit Arrays(const benchmark::State& state)
      : weight(Tensor::zeros({int(state.range(0))}, bench::device())),
        grad(weight.clone()),
        first(weight.clone()),
        second(weight.clone()),
        ema(weight.clone()),
        step(bench::device()) {
    step.set({.learning_rate = 0.1f, .ema_decay = 0.999f, .epoch = 0, .step = 0});
  }

  kernels::WeightUpdate update(bool with_ema) const {
    return {.weight = weight.data(),
            .grad = grad.data(),
            .ema = with_ema ? ema.data() : nullptr,
            .size = weight.size(),
            .weight_decay = 1e-4f,
            .step = step.data()};
  }
};

void sgd(benchmark::State& state, bool with_ema) {
  const Arrays a(state);
  bench::run_and_report(state, kernels::Sgd{a.update(with_ema), a.first.data(), 0.9f});
}

void adamw(benchmark::State& state, bool with_ema) {
  const Arrays a(state);
  bench::run_and_report(state, kernels::AdamW{a.update(with_ema), a.first.data(), a.second.data(),
                                              0.9, 0.999, 1e-8f});
}

void clip_factor(benchmark::State& state) {
  const Arrays a(state);
  const Tensor sums = Tensor::zeros({8 * kernels::ClipFactor::parts(a.grad.size())},
                                    bench::device(), engine::DType::u8),
               factor = Tensor::zeros({1}, bench::device());
  bench::run_and_report(state, kernels::ClipFactor{a.grad.data(), static_cast<double*>(sums.raw()),
                                                   factor.data(), a.grad.size(), 1});
}

// The parameters of ResNet-20, DenseNet-BC-100-12 and ResNet-34.
void sizes(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->Arg(272474)->Arg(800032)->Arg(21328292);
}

BENCHMARK_CAPTURE(sgd, momentum, false)->Apply(sizes);
BENCHMARK_CAPTURE(sgd, momentum_and_ema, true)->Apply(sizes);
BENCHMARK_CAPTURE(adamw, alone, false)->Apply(sizes);
BENCHMARK_CAPTURE(adamw, and_ema, true)->Apply(sizes);
BENCHMARK(clip_factor)->Apply(sizes);

}  // namespace
