// SPDX-License-Identifier: MIT
#include "kernels/elementwise.h"

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/put.h"

namespace kernels {

void run(Cpu, const Add& op) {
  with_type(op.y.type, [&](auto type) {
    using T = decltype(type);
    const T *a = op.a.as<T>(), *b = op.b.as<T>();
    T* y = op.y.as<T>();
#pragma omp parallel for simd schedule(static) if (op.size >= parallel_from)
    for (std::size_t i = 0; i < op.size; ++i) put(y[i], a[i] + b[i]);
  });
}

void run(Cpu, const Scale& op) {
  const float* x = op.x.f32();
  float* y = op.y.f32();
  const float factor = *op.factor;
#pragma omp parallel for simd schedule(static) if (op.size >= parallel_from)
  for (std::size_t i = 0; i < op.size; ++i) y[i] = factor * x[i];
}

void run(Cpu, const Convert& op) {
  with_type(op.x.type, [&](auto from) {
    with_type(op.y.type, [&](auto to) {
      const auto* x = op.x.as<decltype(from)>();
      auto* y = op.y.as<decltype(to)>();
#pragma omp parallel for simd schedule(static) if (op.size >= parallel_from)
      for (std::size_t i = 0; i < op.size; ++i) put(y[i], x[i]);
    });
  });
}

void run(Cpu, const Fill& op) {
  float* y = op.y;
  const float value = op.value;
#pragma omp parallel for simd schedule(static) if (op.size >= parallel_from)
  for (std::size_t i = 0; i < op.size; ++i) y[i] = value;
}

void run(Cpu, const Mean& op) {
  // The parts depend on the size alone, so the sum does not depend on the number of threads.
  constexpr int parts = 64;
  double partial[parts];
#pragma omp parallel for schedule(static) if (op.size >= parallel_from)
  for (int part = 0; part < parts; ++part) {
    const std::size_t begin = op.size * part / parts, end = op.size * (part + 1) / parts;
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += op.x[i];
    partial[part] = sum;
  }
  double sum = 0;
  for (const double part : partial) sum += part;
  *op.y = float(sum / double(op.size));
}

}  // namespace kernels
