// SPDX-License-Identifier: MIT
#include "kernels/matmul.h"

#include <cublas_v2.h>

#include <memory>
#include <source_location>

#include "kernels/cuda/context.h"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch_counts.h"
#include "kernels/runtime/math_mode.h"
#include "kernels/runtime/scratchpad.h"

// The only file that sees cuBLAS.
namespace kernels {
namespace {

void check(cublasStatus_t status,
           const std::source_location& at = std::source_location::current()) {
  require(status == CUBLAS_STATUS_SUCCESS, "cuBLAS: {} ({}, {}:{})", cublasGetStatusString(status),
          cublasGetStatusName(status), at.file_name(), at.line());
}

// A work space of our own, and one stream, are what cuBLAS wants for results that repeat bit by
// bit; the size is the largest that it recommends for any GPU.
class Handle {
 public:
  Handle() {
    constexpr std::size_t workspace_bytes = std::size_t{32} << 20;
    cublasHandle_t made = nullptr;
    const cudaStream_t stream = context().stream();
    check(cublasCreate(&made));
    handle_.reset(made);
    check(cublasSetStream(made, stream));  // before the work space, which it would take away
    check(cublasSetWorkspace(made, workspace_.at_least(workspace_bytes), workspace_bytes));
  }

  cublasHandle_t get() const { return handle_.get(); }

 private:
  struct Destroy {
    void operator()(cublasHandle_t handle) const { cublasDestroy(handle); }
  };
  Scratchpad workspace_{Device::cuda};
  std::unique_ptr<cublasContext, Destroy> handle_;
};

// Made at the first use and never destroyed, as context() is.
cublasHandle_t handle() {
  static const Handle* const only = new Handle;
  return only->get();
}

}  // namespace

// A row-major matrix is its transpose to cuBLAS, which counts column by column; so it is asked for
// y^T = op(b)^T op(a)^T.
void run(Cuda, const MatMul& op) {
  const auto transposed = [](bool yes) { return yes ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const float one = 1, zero = 0;
  try {
    check(cublasSetMathMode(
        handle(), math_mode().allow_tf32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH));
    check(cublasSgemm(handle(), transposed(op.transpose_b), transposed(op.transpose_a), op.n, op.m,
                      op.k, &one, op.b.f32(), op.transpose_b ? op.k : op.n, op.a.f32(),
                      op.transpose_a ? op.m : op.k, &zero, op.y, op.n));
    count_launch(Cuda{}, &LaunchCounts::products);
    finish_call_of("cuBLAS");
  } catch (const Error& error) {
    fail("matmul: [{}, {}] times [{}, {}]: {}", op.m, op.k, op.k, op.n, error.what());
  }
}

}  // namespace kernels
