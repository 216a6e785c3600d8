// SPDX-License-Identifier: MIT
#include "kernels/matmul.h"

#include "engine/ops.h"
#include "kernels/bias.h"
#include "kernels/runtime/run.h"
#include "test/support/support.h"

using test::Device;
using test::DeviceArray;

TEST_CASE("matmul matches the definition in all four transpositions") {
  const Device device = GENERATE(from_range(test::devices()));
  const int m = GENERATE(1, 31, 33), n = GENERATE(1, 10, 100), k = GENERATE(1, 32, 65);
  const bool transpose_a = GENERATE(false, true), transpose_b = GENERATE(false, true);
  CAPTURE(m, n, k, transpose_a, transpose_b);
  const auto a = test::random_values(std::size_t(m) * k, -1, 1, 1);
  const auto b = test::random_values(std::size_t(k) * n, -1, 1, 2);
  std::vector<double> want(std::size_t(m) * n);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j)
      for (int l = 0; l < k; ++l)
        want[i * n + j] +=
            double(a[transpose_a ? l * m + i : i * k + l]) * b[transpose_b ? j * k + l : l * n + j];
  const DeviceArray<float> device_a(device, a), device_b(device, b), y(device, want.size());
  kernels::run(device, kernels::MatMul{device_a.data(), device_b.data(), y.data(), m, n, k,
                                       transpose_a, transpose_b});
  test::expect_close(y.host(), want, 0, 6e-8 * k + 1e-6);
}

TEST_CASE("linear and its gradients match the definition") {
  const Device device = GENERATE(from_range(test::devices()));
  const int n = GENERATE(1, 33), c = GENERATE(1, 64), k = GENERATE(10, 100);
  CAPTURE(n, c, k);
  using engine::Tensor;
  const auto x = test::random_values(std::size_t(n) * c, -1, 1, 1);
  const auto w = test::random_values(std::size_t(k) * c, -1, 1, 2);
  const auto b = test::random_values(k, -1, 1, 3);
  std::vector<double> y(std::size_t(n) * k), dx(x.size()), dw(w.size()), db(b.size());
  const double dy = 1.0 / double(y.size());  // of the mean
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < k; ++j) {
      y[i * k + j] = b[j];
      db[j] += dy;
      for (int l = 0; l < c; ++l) {
        y[i * k + j] += double(x[i * c + l]) * w[j * c + l];
        dx[i * c + l] += dy * w[j * c + l];
        dw[j * c + l] += dy * x[i * c + l];
      }
    }
  Tensor tx = Tensor::from(x, {n, c}, device), tw = Tensor::from(w, {k, c}, device),
         tb = Tensor::from(b, {k}, device);
  for (Tensor* t : {&tx, &tw, &tb}) t->require_grad();
  const Tensor ty = engine::linear(tx, tw, tb);
  engine::mean(ty).backward();
  test::expect_close(ty.to_host(), y, 1e-6, 3e-6, "y");
  test::expect_close(tx.grad().to_host(), dx, 1e-5, 1e-7, "dx");
  test::expect_close(tw.grad().to_host(), dw, 1e-5, 1e-7, "dw");
  test::expect_close(tb.grad().to_host(), db, 1e-5, 1e-7, "db");
}

TEST_CASE("linear names the shapes that do not fit") {
  using Catch::Matchers::Contains;
  using engine::Tensor;
  const auto empty = [](engine::Shape shape) { return Tensor::empty(shape, Device::cpu); };
  CHECK_THROWS_WITH(engine::linear(empty({2, 3}), empty({5, 4}), empty({5})),
                    "linear: weight [5, 4] does not fit input [2, 3]");
  CHECK_THROWS_WITH(engine::linear(empty({2, 3}), empty({5, 3}), empty({4})), Contains("bias [4]"));
  CHECK_THROWS_WITH(engine::linear(empty({2, 3, 1}), empty({5, 3}), empty({5})),
                    Contains("[n, c]"));
}
