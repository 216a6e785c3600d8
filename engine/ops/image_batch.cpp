// SPDX-License-Identifier: MIT
#include "engine/ops/image_batch.h"

#include <cmath>

#include "engine/ops/expect.h"

namespace engine {
namespace {

bool is_mixed(const Mixing& mixing) { return mixing.mixup > 0 || mixing.cutmix > 0; }

void expect_places(const char* op, const char* name, const Tensor& places, const Tensor& labels) {
  expect(op, name, places, DType::i32, places.shape(), labels.device());
  require(places.shape().rank() == 1, "{}: {} {} should be [n]", op, name, places.shape());
  if (places.device() != Device::cpu) return;
  const std::int32_t* j = places.data<std::int32_t>();
  const int count = labels.shape()[0];
  for (int i = 0; i < places.shape()[0]; ++i) {
    require(j[i] >= 0 && j[i] < count, "{}: {} {} is not one of {} images", op, name, j[i], count);
  }
}

}  // namespace

void expect_image_batch(const char* op, const Tensor& images, const Tensor& labels,
                        const Tensor& index, const std::array<float, 4>& mean,
                        const std::array<float, 4>& std, const Mixing& mixing, bool gathered,
                        const StepState& step) {
  expect(op, "images", images, DType::u8);
  const Shape& shape = images.shape();
  require(shape.rank() == 4 && shape.size() > 0 && shape[3] <= 4,
          "{}: images {} should be [count, h, w, c] with at most 4 channels", op, shape);
  const int count = gathered && labels.shape().rank() == 1 ? labels.shape()[0] : shape[0];
  expect(op, "labels", labels, DType::i32, {count}, images.device());
  expect_places(op, "index", index, labels);
  const int wanted = index.shape()[0] * (is_mixed(mixing) ? 2 : 1);
  require(!gathered || shape[0] == wanted, "{}: {} images were gathered; should be {}", op,
          shape[0], wanted);
  for (int c = 0; c < shape[3]; ++c) {
    const auto at = std::size_t(c);
    require(std::isfinite(mean[at]) && std::isfinite(std[at]) && std[at] > 0,
            "{}: channel {} cannot be normalised by mean {} and standard deviation {}", op, c,
            mean[at], std[at]);
  }
  expect_step(op, step, images.device());
  for (const double a : {mixing.mixup, mixing.cutmix})
    require(a >= 0 && std::isfinite(a), "{}: mixing by Beta({}, {}) is impossible", op, a, a);
  if (!is_mixed(mixing)) return;
  expect_places(op, "partners", mixing.partners, labels);
  require(mixing.partners.size() > 0, "{}: there are no partners to mix views with", op);
}

Batch empty_batch(const Tensor& images, const Tensor& index, int view_height, int view_width,
                  DType type, const Mixing& mixing) {
  const int n = index.shape()[0];
  const Device device = images.device();
  Batch batch{Tensor::empty({n, view_height, view_width, images.shape()[3]}, device, type),
              Tensor::empty({n}, device, DType::i32)};
  if (is_mixed(mixing)) {
    batch.other_labels = Tensor::empty({n}, device, DType::i32);
    batch.share = Tensor::empty({n}, device);
  }
  return batch;
}

}  // namespace engine
