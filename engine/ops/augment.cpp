// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include <algorithm>
#include <cmath>

#include "engine/ops.h"
#include "engine/ops/expect.h"

namespace engine {
namespace {

constexpr const char* op = "augment";

void check(const Tensor& images, const Tensor& labels, const Tensor& index, const Augment& o) {
  expect(op, "images", images, DType::u8);
  const Shape& shape = images.shape();
  require(shape.rank() == 4 && shape.size() > 0 && shape[3] <= 4,
          "{}: images {} should be [count, h, w, c] with at most 4 channels", op, shape);
  expect(op, "labels", labels, DType::i32, {shape[0]}, images.device());
  expect(op, "index", index, DType::i32, index.shape(), images.device());
  require(index.shape().rank() == 1, "{}: index {} should be [n]", op, index.shape());
  require(o.pad >= 0, "{}: a padding of {} is impossible", op, o.pad);
  for (int c = 0; c < shape[3]; ++c) {
    require(std::isfinite(o.mean[c]) && std::isfinite(o.std[c]) && o.std[c] > 0,
            "{}: channel {} cannot be normalised by mean {} and standard deviation {}", op, c,
            o.mean[c], o.std[c]);
  }
  if (index.device() != Device::cpu) return;  // to look there would mean to wait for the device
  const std::int32_t* j = index.data<std::int32_t>();
  for (int i = 0; i < index.shape()[0]; ++i) {
    require(j[i] >= 0 && j[i] < shape[0], "{}: index {} is not one of {} images", op, j[i],
            shape[0]);
  }
}

}  // namespace

Batch augment(const Tensor& images, const Tensor& labels, const Tensor& index, const Augment& o,
              const StepState& step) {
  check(images, labels, index, o);
  const Shape& shape = images.shape();
  const int n = index.shape()[0];
  Batch batch{Tensor::empty({n, shape[1], shape[2], shape[3]}, images.device()),
              Tensor::empty({n}, images.device(), DType::i32)};
  kernels::Augment args{.images = images.data<std::uint8_t>(),
                        .labels = labels.data<std::int32_t>(),
                        .index = index.data<std::int32_t>(),
                        .out = batch.images.out(),
                        .out_labels = batch.labels.data<std::int32_t>(),
                        .n = n,
                        .h = shape[1],
                        .w = shape[2],
                        .c = shape[3],
                        .pad = o.pad,
                        .flip = o.flip,
                        .mean = {},
                        .std = {},
                        .seed = o.seed,
                        .step = step.data()};
  std::copy(o.mean.begin(), o.mean.end(), args.mean);
  std::copy(o.std.begin(), o.std.end(), args.std);
  kernels::run(images.device(), args);
  return batch;
}

}  // namespace engine
