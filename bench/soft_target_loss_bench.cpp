// SPDX-License-Identifier: MIT
#include "kernels/soft_target_loss.h"

#include "bench/bandwidth.h"
#include "kernels/zipf_loss.h"

namespace {

using engine::Tensor;

void soft_target_loss(benchmark::State& state, kernels::SoftTarget soft, float entropy_weight) {
  const int rows = int(state.range(0)), classes = int(state.range(1));
  const std::size_t size = std::size_t(rows) * classes;
  std::vector<float> z(size), q(size);
  std::vector<std::int32_t> y(rows);
  for (std::size_t i = 0; i < size; ++i) {
    z[i] = float(i * 7 % 83) / 10;
    q[i] = float(i * 11 % 79) / 790;
  }
  for (int i = 0; i < rows; ++i) y[i] = i % classes;
  const engine::Shape each{rows, classes}, of_row{rows};
  const Tensor logits = Tensor::from(z, each, bench::device()), grad = logits.clone(),
               second = Tensor::from(q, each, bench::device()),
               label = Tensor::from(y, of_row, bench::device()),
               b = Tensor::from(std::vector<float>(rows, 0.8f), of_row, bench::device()),
               loss = Tensor::zeros(of_row, bench::device());
  bench::run_and_report(state, kernels::SoftTargetLoss{.logits = logits.data(),
                                                       .label = label.data<std::int32_t>(),
                                                       .teacher_logits = second.data(),
                                                       .true_class_probability = b.data(),
                                                       .probabilities = second.data(),
                                                       .loss = loss.data(),
                                                       .grad = grad.data(),
                                                       .rows = rows,
                                                       .classes = classes,
                                                       .soft = soft,
                                                       .alpha = 0.4f,
                                                       .smoothing = 0.1f,
                                                       .teacher_temperature = 2,
                                                       .entropy_weight = entropy_weight});
}

void zipf_loss(benchmark::State& state) {
  const int rows = int(state.range(0)), classes = int(state.range(1));
  std::vector<float> z(std::size_t(rows) * classes);
  std::vector<std::int32_t> y(rows);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = float(i * 7 % 83) / 10;
  for (int i = 0; i < rows; ++i) y[i] = i % classes;
  const Tensor logits = Tensor::from(z, {rows, classes}, bench::device()), grad = logits.clone(),
               label = Tensor::from(y, {rows}, bench::device()),
               loss = Tensor::zeros({rows}, bench::device());
  bench::run_and_report(state, kernels::ZipfLoss{logits.data(), label.data<std::int32_t>(),
                                                 loss.data(), grad.data(), rows, classes, 0.1f});
}

void shapes(benchmark::internal::Benchmark* b) {
  b->UseRealTime()->Args({128, 10})->Args({128, 100})->Args({1024, 100})->Args({4096, 1000});
}

using kernels::SoftTarget;
BENCHMARK_CAPTURE(soft_target_loss, one_hot, SoftTarget::one_hot, 0)->Apply(shapes);
BENCHMARK_CAPTURE(soft_target_loss, smoothed, SoftTarget::smoothed, 0)->Apply(shapes);
BENCHMARK_CAPTURE(soft_target_loss, teacher, SoftTarget::teacher, 0)->Apply(shapes);
BENCHMARK_CAPTURE(soft_target_loss, beta, SoftTarget::beta, 0)->Apply(shapes);
BENCHMARK_CAPTURE(soft_target_loss, probabilities, SoftTarget::probabilities, 0)->Apply(shapes);
BENCHMARK_CAPTURE(soft_target_loss, entropy, SoftTarget::one_hot, 0.1f)->Apply(shapes);
BENCHMARK(zipf_loss)->Apply(shapes);

}  // namespace
