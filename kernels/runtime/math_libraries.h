// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "kernels/runtime/device.h"
#include "kernels/runtime/precision.h"

namespace kernels {

/// The libraries that a device which can be used computes with at a precision, and which of the
/// processor's instructions oneDNN uses for that: "oneDNN 2.6.3 with AVX2", "cuDNN 9.19.0, cuBLAS
/// 13.1.0". Like the device itself they choose between algorithms, so the last bits of results
/// depend on them.
std::string math_libraries(Device, Precision);

/// What each device brings to it.
std::string math_libraries(Cpu, Precision);
std::string math_libraries(Cuda, Precision);

}  // namespace kernels
