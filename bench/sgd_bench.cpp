// SPDX-License-Identifier: MIT
#include "kernels/sgd.h"

#include "bench/bandwidth.h"
#include "engine/step_state.h"

namespace {

using engine::Tensor;

void sgd(benchmark::State& state, bool with_ema) {
  const engine::Shape size{int(state.range(0))};
  const Tensor weight = Tensor::zeros(size, bench::device()), grad = weight.clone(),
               velocity = weight.clone(), ema = weight.clone();
  engine::StepState step(bench::device());
  step.set({.learning_rate = 0.1f, .ema_decay = 0.999f, .epoch = 0, .step = 0});
  bench::run_and_report(state, kernels::Sgd{{.weight = weight.data(),
                                             .grad = grad.data(),
                                             .ema = with_ema ? ema.data() : nullptr,
                                             .size = weight.size(),
                                             .weight_decay = 1e-4f,
                                             .step = step.data()},
                                            velocity.data(),
                                            0.9f});
}

// The parameters of ResNet-20, DenseNet-BC-100-12 and ResNet-34.
void sizes(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->Arg(272474)->Arg(800032)->Arg(21328292);
}

BENCHMARK_CAPTURE(sgd, momentum, false)->Apply(sizes);
BENCHMARK_CAPTURE(sgd, momentum_and_ema, true)->Apply(sizes);

}  // namespace
