// SPDX-License-Identifier: MIT
#include "kernels/augment.h"

#include "engine/ops/image_batch.h"
#include "kernels/runtime/run.h"

namespace engine {
namespace {
constexpr const char* op = "augment";
}

Batch augment(const Tensor& images, const Tensor& labels, const Tensor& index, const Augment& o,
              const StepState& step) {
  expect_image_batch(op, images, labels, index, o.mean, o.std, o.mixing, o.gathered, step);
  require(o.pad >= 0, "{}: a padding of {} is impossible", op, o.pad);
  Batch batch = empty_batch(images, index, images.shape()[1], images.shape()[2], o.type, o.mixing);
  kernels::run(images.device(),
               kernels::Augment{kernel_arguments(images, labels, index, o, step, batch), o.pad});
  return batch;
}

}  // namespace engine
