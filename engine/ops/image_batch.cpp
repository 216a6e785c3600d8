// SPDX-License-Identifier: MIT
#include "engine/ops/image_batch.h"

#include <cmath>

#include "engine/ops/expect.h"

namespace engine {

void expect_image_batch(const char* op, const Tensor& images, const Tensor& labels,
                        const Tensor& index, const std::array<float, 4>& mean,
                        const std::array<float, 4>& std, const StepState& step) {
  expect(op, "images", images, DType::u8);
  const Shape& shape = images.shape();
  require(shape.rank() == 4 && shape.size() > 0 && shape[3] <= 4,
          "{}: images {} should be [count, h, w, c] with at most 4 channels", op, shape);
  expect(op, "labels", labels, DType::i32, {shape[0]}, images.device());
  expect(op, "index", index, DType::i32, index.shape(), images.device());
  require(index.shape().rank() == 1, "{}: index {} should be [n]", op, index.shape());
  for (int c = 0; c < shape[3]; ++c) {
    const auto at = std::size_t(c);
    require(std::isfinite(mean[at]) && std::isfinite(std[at]) && std[at] > 0,
            "{}: channel {} cannot be normalised by mean {} and standard deviation {}", op, c,
            mean[at], std[at]);
  }
  expect_step(op, step, images.device());
  if (index.device() != Device::cpu) return;
  const std::int32_t* j = index.data<std::int32_t>();
  for (int i = 0; i < index.shape()[0]; ++i) {
    require(j[i] >= 0 && j[i] < shape[0], "{}: index {} is not one of {} images", op, j[i],
            shape[0]);
  }
}

Batch empty_batch(const Tensor& images, const Tensor& index, int view_height, int view_width,
                  DType type) {
  const int n = index.shape()[0];
  return {Tensor::empty({n, view_height, view_width, images.shape()[3]}, images.device(), type),
          Tensor::empty({n}, images.device(), DType::i32)};
}

}  // namespace engine
