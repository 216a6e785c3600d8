// SPDX-License-Identifier: MIT
#include <cublas_v2.h>

#include <algorithm>
#include <vector>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/library.h"

// cuBLAS on the host: the functions in use, with the refusals that NVIDIA documents for them.

struct cublasContext {
  cudaStream_t stream = nullptr;
  cublasMath_t mode = CUBLAS_DEFAULT_MATH;
  void* workspace = nullptr;
  std::size_t workspace_bytes = 0;
};

namespace {

using namespace cuda_on_host;

constexpr std::size_t workspace_alignment = 256;
constexpr std::size_t most_poisoned = std::size_t{64} << 10;  // all of it would take too long

// op(A), column by column, where it lies.
struct Matrix {
  const float* at;
  int rows, columns;  // of op(A)
  int leading;
  bool transposed;

  int stored_rows() const { return transposed ? columns : rows; }
  int stored_columns() const { return transposed ? rows : columns; }
  std::size_t bytes() const {
    return (std::size_t(leading) * (stored_columns() - 1) + stored_rows()) * sizeof(float);
  }
  float operator()(int i, int j) const {
    return transposed ? at[j + std::size_t(i) * leading] : at[i + std::size_t(j) * leading];
  }
  bool usable(const char* what) const {
    return cuda_on_host::usable(what, at, bytes(), sizeof(float));
  }
};

void multiply(const cublasContext& library, const Matrix& a, const Matrix& b, float* c,
              int leading_c, float alpha, float beta) {
  const std::size_t column_bytes = a.rows * sizeof(float);
  // First, so that factors that overlap the result are NaN.
  for (int j = 0; beta == 0 && j < b.columns; ++j)
    poison(c + std::size_t(j) * leading_c, column_bytes);
  const int mantissa = library.mode == CUBLAS_TF32_TENSOR_OP_MATH ? tf32_mantissa : float_mantissa;
  std::vector<float> column(std::size_t(a.rows));
  for (int j = 0; j < b.columns; ++j) {
    float* to = c + std::size_t(j) * leading_c;
    for (int i = 0; i < a.rows; ++i) {
      double sum = 0;
      for (int l = 0; l < a.columns; ++l)
        sum += double(round_to(mantissa, a(i, l))) * round_to(mantissa, b(l, j));
      column[i] = float(alpha * sum) + (beta == 0 ? 0 : beta * to[i]);
    }
    write(to, column.data(), column_bytes);
  }
  if (library.workspace != nullptr)
    poison(library.workspace, std::min(library.workspace_bytes, most_poisoned));
}

bool is_operation(cublasOperation_t operation) {
  return operation == CUBLAS_OP_N || operation == CUBLAS_OP_T;
}

}  // namespace

cublasStatus_t cublasGetProperty(libraryPropertyType type, int* value) {
  if (value == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  switch (type) {
    case MAJOR_VERSION: *value = CUBLAS_VER_MAJOR; return CUBLAS_STATUS_SUCCESS;
    case MINOR_VERSION: *value = CUBLAS_VER_MINOR; return CUBLAS_STATUS_SUCCESS;
    case PATCH_LEVEL: *value = CUBLAS_VER_PATCH; return CUBLAS_STATUS_SUCCESS;
  }
  return CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  const ApiCall call;
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  if (machine_status() != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (!may_act("cublasCreate")) return CUBLAS_STATUS_ALLOC_FAILED;
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = {.stream = stream, .mode = handle->mode};  // the work space is cuBLAS's own again
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, std::size_t bytes) {
  const ApiCall call;
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (!usable("the work space", workspace, bytes, workspace_alignment))
    return CUBLAS_STATUS_INVALID_VALUE;
  handle->workspace = workspace;
  handle->workspace_bytes = bytes;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (mode != CUBLAS_DEFAULT_MATH && mode != CUBLAS_TF32_TENSOR_OP_MATH)
    return CUBLAS_STATUS_INVALID_VALUE;
  handle->mode = mode;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t transpose_a,
                           cublasOperation_t transpose_b, int m, int n, int k, const float* alpha,
                           const float* a, int leading_a, const float* b, int leading_b,
                           const float* beta, float* c, int leading_c) {
  const ApiCall call;
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (m < 0 || n < 0 || k < 0 || !is_operation(transpose_a) || !is_operation(transpose_b) ||
      alpha == nullptr || beta == nullptr)
    return CUBLAS_STATUS_INVALID_VALUE;
  const Matrix left{a, m, k, leading_a, transpose_a == CUBLAS_OP_T};
  const Matrix right{b, k, n, leading_b, transpose_b == CUBLAS_OP_T};
  const Matrix result{c, m, n, leading_c, false};
  for (const Matrix& matrix : {left, right, result})
    if (matrix.leading < std::max(1, matrix.stored_rows())) return CUBLAS_STATUS_INVALID_VALUE;
  if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
  if ((k > 0 && !(left.usable("A") && right.usable("B"))) || !result.usable("C"))
    return CUBLAS_STATUS_EXECUTION_FAILED;
  // Its own work space is one for each stream, and not promised to later launches of a graph.
  if (handle->workspace == nullptr && !may_act("cublasSgemm without a work space of the caller's"))
    return CUBLAS_STATUS_EXECUTION_FAILED;
  const bool queued = enqueue_library_work(
      handle->stream, [library = *handle, left, right, c, leading_c, alpha = *alpha, beta = *beta] {
        multiply(library, left, right, c, leading_c, alpha, beta);
      });
  return queued ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    default: return "unknown status";
  }
}

const char* cublasGetStatusString(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "success";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "the library was not initialized";
    case CUBLAS_STATUS_INVALID_VALUE: return "an invalid value was given";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "the GPU program failed to execute";
    default: return "unknown status";
  }
}
