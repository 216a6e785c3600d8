// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include <algorithm>

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/ops/image_batch.h"

namespace engine {
namespace {
constexpr const char* op = "augment";
}

Batch augment(const Tensor& images, const Tensor& labels, const Tensor& index, const Augment& o,
              const StepState& step) {
  expect_image_batch(op, images, labels, index, o.mean, o.std);
  expect_step(op, step, images.device());
  require(o.pad >= 0, "{}: a padding of {} is impossible", op, o.pad);
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
