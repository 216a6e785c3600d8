// SPDX-License-Identifier: MIT
#include <cublas_v2.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/cuda/context.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/support.h"

// The stand-in for cuBLAS.
using test::Device;
using test::DeviceArray;

namespace {

class Blas {
 public:
  Blas() {
    cublasCreate(&handle_);
    cublasSetStream(handle_, kernels::context().stream());
  }
  ~Blas() { cublasDestroy(handle_); }
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;
  cublasHandle_t get() const { return handle_; }

 private:
  cublasHandle_t handle_ = nullptr;
};

// A product of [m, k] and [k, n], column by column, of which everything can be wrong.
struct Product {
  cublasOperation_t transpose_a = CUBLAS_OP_N, transpose_b = CUBLAS_OP_N;
  int m = 3, n = 4, k = 5;
  const float* a;
  int leading_a = 3;
  const float* b;
  int leading_b = 5;
  float* c;
  int leading_c = 3;
  float alpha = 1, beta = 0;

  cublasStatus_t run(const Blas& blas) const {
    return cublasSgemm(blas.get(), transpose_a, transpose_b, m, n, k, &alpha, a, leading_a, b,
                       leading_b, &beta, c, leading_c);
  }
};

std::string only_report() {
  const auto reports = cuda_on_host::take_reports();
  REQUIRE(reports.size() == 1);
  return name(reports[0].kind);
}

}  // namespace

TEST_CASE("reference cuBLAS: Sgemm with all transpositions, leading dimensions, alpha and beta") {
  const int m = 3, n = 4, k = 5, more = 2;
  const bool transpose_a = GENERATE(false, true), transpose_b = GENERATE(false, true);
  const float beta = GENERATE(0.0f, 0.5f), alpha = 2;
  const int rows_a = transpose_a ? k : m, rows_b = transpose_b ? n : k;
  const auto a = test::random_values(std::size_t(rows_a + more) * (m + k - rows_a), -1, 1, 1);
  const auto b = test::random_values(std::size_t(rows_b + more) * (k + n - rows_b), -1, 1, 2);
  const auto c = test::random_values(std::size_t(m + more) * n, -1, 1, 3);
  std::vector<double> want = test::to_double(c);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int l = 0; l < k; ++l)
        sum += double(a[transpose_a ? l + i * (rows_a + more) : i + l * (rows_a + more)]) *
               b[transpose_b ? j + l * (rows_b + more) : l + j * (rows_b + more)];
      double& at = want[i + j * (m + more)];
      at = alpha * sum + beta * at;
    }
  const Blas blas;
  const DeviceArray<float> device_a(Device::cuda, a), device_b(Device::cuda, b),
      device_c(Device::cuda, c);
  const auto operation = [](bool transpose) { return transpose ? CUBLAS_OP_T : CUBLAS_OP_N; };
  CHECK(Product{.transpose_a = operation(transpose_a),
                .transpose_b = operation(transpose_b),
                .a = device_a.data(),
                .leading_a = rows_a + more,
                .b = device_b.data(),
                .leading_b = rows_b + more,
                .c = device_c.data(),
                .leading_c = m + more,
                .alpha = alpha,
                .beta = beta}
            .run(blas) == CUBLAS_STATUS_SUCCESS);
  test::expect_close(device_c.host(), want, 0, 1e-6);
}

TEST_CASE("reference cuBLAS refuses what cuBLAS refuses") {
  const Blas blas;
  const DeviceArray<float> a(Device::cuda, std::vector<float>(15, 1)),
      b(Device::cuda, std::vector<float>(20, 1)), c(Device::cuda, 12);
  const Product right{.a = a.data(), .b = b.data(), .c = c.data()};
  CHECK(right.run(blas) == CUBLAS_STATUS_SUCCESS);
  const auto status = [&](auto change) {
    Product wrong = right;
    change(wrong);
    return wrong.run(blas);
  };
  CHECK(status([](Product& p) { p.m = -1; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.n = -1; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.k = -1; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.leading_a = 2; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.leading_b = 4; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.leading_c = 2; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.transpose_a = CUBLAS_OP_T; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.transpose_b = CUBLAS_OP_CONJG; }) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(status([](Product& p) { p.m = 0; }) == CUBLAS_STATUS_SUCCESS);
  CHECK(cublasSgemm(nullptr, CUBLAS_OP_N, CUBLAS_OP_N, 0, 0, 0, nullptr, nullptr, 1, nullptr, 1,
                    nullptr, nullptr, 1) == CUBLAS_STATUS_NOT_INITIALIZED);
  CHECK(cublasSetMathMode(blas.get(), cublasMath_t(7)) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(cublasSetStream(nullptr, nullptr) == CUBLAS_STATUS_NOT_INITIALIZED);
  CHECK(cublasDestroy(nullptr) == CUBLAS_STATUS_NOT_INITIALIZED);
  CHECK(cublasCreate(nullptr) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(cuda_on_host::take_reports().empty());
}

TEST_CASE("reference cuBLAS reports arrays that a kernel could not use") {
  const Blas blas;
  const DeviceArray<float> a(Device::cuda, std::vector<float>(15, 1)),
      b(Device::cuda, std::vector<float>(20, 1)), c(Device::cuda, 12);
  const Product right{.a = a.data(), .b = b.data(), .c = c.data()};
  std::vector<float> on_host(20);
  const auto finds = [&](auto change) {
    Product wrong = right;
    change(wrong);
    CHECK(wrong.run(blas) == CUBLAS_STATUS_EXECUTION_FAILED);
    return only_report();
  };
  CHECK(finds([&](Product& p) { p.b = on_host.data(); }) == "host memory");
  CHECK(finds([](Product& p) { p.a = nullptr; }) == "host memory");
  CHECK(finds([](Product& p) { p.a += 60; }) == "out of bounds");
  CHECK(finds([](Product& p) { p.leading_c = 100; }) == "out of bounds");
  CHECK(finds([](Product& p) {
          p.c = reinterpret_cast<float*>(reinterpret_cast<char*>(p.c) + 2);
          p.m = p.n = 1;
        }) == "misaligned");
  CHECK(cublasSetWorkspace(blas.get(), on_host.data(), 20) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(only_report() == "host memory");
}

TEST_CASE("reference cuBLAS spoils its work space, and results that overlap a factor") {
  const Blas blas;
  const DeviceArray<float> a(Device::cuda, std::vector<float>(20, 1)), c(Device::cuda, 12);
  const DeviceArray<float> workspace(Device::cuda, std::vector<float>(256, 0));
  const auto set_workspace = [&](std::size_t offset, std::size_t bytes) {
    return cublasSetWorkspace(blas.get(), workspace.data() + offset, bytes);
  };
  const std::size_t aligned = (0 - reinterpret_cast<std::uintptr_t>(workspace.data())) % 256 / 4;
  CHECK(set_workspace(aligned + 1, 512) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(only_report() == "misaligned");
  CHECK(set_workspace(aligned, 2048) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(only_report() == "out of bounds");
  CHECK(set_workspace(aligned, 512) == CUBLAS_STATUS_SUCCESS);
  const Product product{.a = a.data(), .b = a.data(), .c = c.data()};
  CHECK(product.run(blas) == CUBLAS_STATUS_SUCCESS);
  CHECK(c.host() == std::vector<float>(12, 5));
  CHECK(std::isnan(workspace.host()[aligned]));
  Product overlapping = product;
  overlapping.c = a.data();
  CHECK(overlapping.run(blas) == CUBLAS_STATUS_SUCCESS);
  CHECK(std::isnan(a.host()[0]));
}

TEST_CASE("reference cuBLAS rounds factors to TF32 where it may") {
  const Blas blas;
  const float one_and_a_bit = 1.0f + 1.0f / 4096;
  const DeviceArray<float> a(Device::cuda, std::vector<float>(15, one_and_a_bit)),
      b(Device::cuda, std::vector<float>(20, 1)), c(Device::cuda, 12);
  const Product product{.a = a.data(), .b = b.data(), .c = c.data()};
  CHECK(product.run(blas) == CUBLAS_STATUS_SUCCESS);
  CHECK(c.host()[0] == 5 * one_and_a_bit);
  cublasSetMathMode(blas.get(), CUBLAS_TF32_TENSOR_OP_MATH);
  CHECK(product.run(blas) == CUBLAS_STATUS_SUCCESS);
  CHECK(c.host()[0] == 5);
}
