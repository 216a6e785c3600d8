// SPDX-License-Identifier: MIT
#include "kernels/resized_crop.h"

#include <algorithm>

#include "engine/ops.h"
#include "engine/ops/expect.h"
#include "engine/ops/image_batch.h"

namespace engine {
namespace {
constexpr const char* op = "resized_crop";
}

Batch resized_crop(const Tensor& images, const Tensor& labels, const Tensor& index,
                   const ResizedCrop& o, const StepState& step) {
  expect_image_batch(op, images, labels, index, o.mean, o.std);
  expect_step(op, step, images.device());
  const Shape& shape = images.shape();
  require(o.size >= 1, "{}: views of {} pixels a side are impossible", op, o.size);
  require(o.random || (o.centre >= 1 && o.centre <= std::min(shape[1], shape[2])),
          "{}: images {} have no centre square of {} pixels a side", op, shape, o.centre);
  const int n = index.shape()[0];
  Batch batch{Tensor::empty({n, o.size, o.size, shape[3]}, images.device()),
              Tensor::empty({n}, images.device(), DType::i32)};
  kernels::ResizedCrop args{.images = images.data<std::uint8_t>(),
                            .labels = labels.data<std::int32_t>(),
                            .index = index.data<std::int32_t>(),
                            .out = batch.images.out(),
                            .out_labels = batch.labels.data<std::int32_t>(),
                            .n = n,
                            .h = shape[1],
                            .w = shape[2],
                            .c = shape[3],
                            .size = o.size,
                            .centre = o.centre,
                            .random = o.random,
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
