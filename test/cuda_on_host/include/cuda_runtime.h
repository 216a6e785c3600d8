// SPDX-License-Identifier: MIT
#pragma once

/// Found before the toolkit's header of the same name, which it includes: types and prototypes are
/// the toolkit's own, so a wrong call does not compile. Added is what nvcc has built in.

#define CUDA_ON_HOST 1

// The toolkit keeps these as they are defined here, but may have come first with its own.
#undef __shared__
#undef __constant__
#undef __launch_bounds__
// One block runs at a time, so a static variable of the kernel is a variable of the block.
#define __shared__ static
// A section of their own tells constants from variables of the host.
#define __constant__ __attribute__((section("cuda_constant")))
#define __launch_bounds__(...)

#include_next <cuda_runtime.h>

#include "cuda_on_host/atomics.h"
#include "cuda_on_host/builtins.h"
#include "cuda_on_host/launch.h"
#include "cuda_on_host/math.h"

// The toolkit's template of this name hands out the arguments as untyped addresses, but a kernel
// that is a plain function needs them with their types.
#define cudaLaunchKernelEx ::cuda_on_host::launch_kernel
