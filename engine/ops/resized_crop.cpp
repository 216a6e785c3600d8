// SPDX-License-Identifier: MIT
#include "kernels/resized_crop.h"

#include "engine/ops/image_batch.h"
#include "kernels/runtime/run.h"

namespace engine {
namespace {
constexpr const char* op = "resized_crop";
}

Batch resized_crop(const Tensor& images, const Tensor& labels, const Tensor& index,
                   const ResizedCrop& o, const StepState& step) {
  expect_image_batch(op, images, labels, index, o.mean, o.std, o.mixing, o.gathered, step);
  const Shape& shape = images.shape();
  require(o.size >= 1, "{}: views of {} pixels a side are impossible", op, o.size);
  require(o.random || (o.centre >= 1 && o.centre <= std::min(shape[1], shape[2])),
          "{}: images {} have no centre square of {} pixels a side", op, shape, o.centre);
  Batch batch = empty_batch(images, index, o.size, o.size, o.type, o.mixing);
  kernels::run(images.device(),
               kernels::ResizedCrop{kernel_arguments(images, labels, index, o, step, batch), o.size,
                                    o.centre, o.random});
  return batch;
}

}  // namespace engine
