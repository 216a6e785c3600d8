// SPDX-License-Identifier: MIT
#include "kernels/matmul.h"

#include <oneapi/dnnl/dnnl.h>

#include "kernels/runtime/error.h"

namespace kernels {

void run(Cpu, const MatMul& op) {
  const dnnl_status_t status = dnnl_sgemm(
      op.transpose_a ? 'T' : 'N', op.transpose_b ? 'T' : 'N', op.m, op.n, op.k, 1.0f, op.a.f32(),
      op.transpose_a ? op.m : op.k, op.b.f32(), op.transpose_b ? op.k : op.n, 0.0f, op.y, op.n);
  require(status == dnnl_success, "matmul: oneDNN refuses [{}, {}] times [{}, {}]: status {}", op.m,
          op.k, op.k, op.n, int(status));
}

}  // namespace kernels
