// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/conv2d.h"

/// The gradient of 3x3 filters over images in bf16, by the processor's sums of two products
/// (AVX-512 BF16). The two are of neighbouring pixels of a row: a pair of one gradient's is
/// multiplied with the three pairs of pixels that a row of the filter lays on it, of 16 channels
/// each. For 8 gradients at a time those are 24 sums, in float, which stay in registers while a
/// strip of an image is in the cache; the next strip is fetched meanwhile.
namespace kernels::bf16_filter_grad {

/// Whether this gradient can be computed so, by this build. The function below is for such ones.
bool serves(const Conv2dShape&);

/// As Conv2dFilterGrad, which see for shapes. Throws OutOfMemory if there is no work space.
void run(const Conv2dShape&, const bf16* x, const bf16* dy, float* dfilter);

}  // namespace kernels::bf16_filter_grad
