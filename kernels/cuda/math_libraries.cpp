// SPDX-License-Identifier: MIT
#include "kernels/runtime/math_libraries.h"

#include <cublas_v2.h>
#include <cudnn.h>
#include <fmt/format.h>

namespace kernels {

std::string math_libraries(Cuda, Precision) {
  const std::size_t cudnn = cudnnGetVersion();  // 91900 is 9.19.0
  int major = 0, minor = 0, patch = 0;          // these cannot fail
  cublasGetProperty(MAJOR_VERSION, &major);
  cublasGetProperty(MINOR_VERSION, &minor);
  cublasGetProperty(PATCH_LEVEL, &patch);
  return fmt::format("cuDNN {}.{}.{}, cuBLAS {}.{}.{}", cudnn / 10000, cudnn / 100 % 100,
                     cudnn % 100, major, minor, patch);
}

}  // namespace kernels
