// SPDX-License-Identifier: MIT
#include "kernels/beta_labels.h"

#include "bench/bandwidth.h"
#include "engine/step_state.h"

namespace {

using engine::Tensor;

void beta_labels(benchmark::State& state, kernels::BetaRanking ranking) {
  const int rows = int(state.range(0)), classes = int(state.range(1));
  std::vector<float> values(std::size_t(rows) * classes);
  std::vector<std::int32_t> labels(rows);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(i * 7919 % 8311) / 1000;
  for (int i = 0; i < rows; ++i) labels[i] = i % classes;
  const Tensor logits = Tensor::from(values, {rows, classes}, bench::device()),
               label = Tensor::from(labels, {rows}, bench::device()),
               b = Tensor::zeros({rows}, bench::device());
  engine::StepState step(bench::device());
  step.set({});
  bench::run_and_report(state, kernels::BetaLabels{.logits = logits.data(),
                                                   .label = label.data<std::int32_t>(),
                                                   .b = b.data(),
                                                   .step = step.data(),
                                                   .rows = rows,
                                                   .classes = classes,
                                                   .a = 3,
                                                   .ranking = ranking,
                                                   .seed = 1});
}

void shapes(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->Args({128, 10})->Args({128, 100})->Args({1024, 100})->Args({4096, 1000});
}

using kernels::BetaRanking;
BENCHMARK_CAPTURE(beta_labels, largest_probability, BetaRanking::largest_probability)
    ->Apply(shapes);
BENCHMARK_CAPTURE(beta_labels, true_class_probability, BetaRanking::true_class_probability)
    ->Apply(shapes);
BENCHMARK_CAPTURE(beta_labels, random, BetaRanking::random)->Apply(shapes);

}  // namespace
