// SPDX-License-Identifier: MIT
#include "kernels/beta_labels.h"

#include "bench/bandwidth.h"

namespace {

void beta_labels(benchmark::State& state, kernels::BetaRanking ranking) {
  const int rows = int(state.range(0)), classes = int(state.range(1));
  std::vector<float> logits(std::size_t(rows) * classes), b(rows);
  std::vector<std::int32_t> label(rows);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = float(i * 7919 % 8311) / 1000;
  for (int i = 0; i < rows; ++i) label[i] = i % classes;
  const kernels::StepScalars step{};
  bench::run_and_report(state, kernels::BetaLabels{.logits = logits.data(),
                                                   .label = label.data(),
                                                   .b = b.data(),
                                                   .step = &step,
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

BENCHMARK_MAIN();
