// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/conv2d.h"

/// Convolution with 3x3 filters by Winograd's algorithm F(4x4, 3x3) (Lavin and Gray, "Fast
/// Algorithms for Convolutional Neural Networks", CVPR 2016): of images and filters, tiles of 6x6
/// are taken to 36 points each, where a convolution is 36 matrix products, of a quarter of the
/// multiplications. All in float, whatever the images and filters are of: rounding is 5e-7
/// to 1.2e-6, where plain sums have 1e-7 to 8e-7.
namespace kernels::winograd {

/// Whether a convolution can be computed so. The functions below are for such ones.
bool serves(const Conv2dShape&);

/// Squares of 4x4 pixels that the results are cut into.
int tile_count(const Conv2dShape&);

/// As Conv2d, Conv2dInputGrad and Conv2dFilterGrad, which see for shapes, of float or bf16. Throw
/// OutOfMemory if there is no work space.
template <class T>
void forward(const Conv2dShape&, const T* x, const T* filter, T* y);
template <class T>
void input_grad(const Conv2dShape&, const T* dy, const T* filter, T* dx);
template <class T>
void filter_grad(const Conv2dShape&, const T* x, const T* dy, float* dfilter);

}  // namespace kernels::winograd
