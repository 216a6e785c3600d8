// SPDX-License-Identifier: MIT
#pragma once
#include <array>

#include "engine/tensor.h"

namespace engine {

/// What the ops that make batches from the bytes of a data set expect: images [count,h,w,c] u8 of
/// at most 4 channels, labels [count] i32, index [n] i32 within the images (looked at on the cpu
/// only: elsewhere it would mean to wait for the device), and statistics that can normalise.
/// Throws Error that names `op`.
void expect_image_batch(const char* op, const Tensor& images, const Tensor& labels,
                        const Tensor& index, const std::array<float, 4>& mean,
                        const std::array<float, 4>& std);

}  // namespace engine
