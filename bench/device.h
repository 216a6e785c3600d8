// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/device.h"

namespace bench {

/// Where all benchmarks of the program run: --device=auto, the default, or cpu, cuda, cuda:N.
kernels::Device device();

}  // namespace bench
