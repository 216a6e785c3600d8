// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>

#include "engine/ops.h"
#include "kernels/image_batch.h"

namespace engine {

/// What the ops that make batches from the bytes of a data set expect: images [count,h,w,c] u8 of
/// at most 4 channels, or those of the batch if `gathered`; labels [count] i32, index [n] i32
/// within these (looked at on the cpu only: elsewhere it would mean to wait for the device),
/// statistics that can normalise, and if views are mixed partners as index is. Throws Error that
/// names `op`.
void expect_image_batch(const char* op, const Tensor& images, const Tensor& labels,
                        const Tensor& index, const std::array<float, 4>& mean,
                        const std::array<float, 4>& std, const Mixing&, bool gathered,
                        const StepState&);

/// A batch of index.size() views of a type, f32 or bf16, that are still to be made.
Batch empty_batch(const Tensor& images, const Tensor& index, int view_height, int view_width, DType,
                  const Mixing&);

/// What the kernels have in common that make `batch`; Options is Augment or ResizedCrop.
template <class Options>
kernels::ImageBatch kernel_arguments(const Tensor& images, const Tensor& labels,
                                     const Tensor& index, const Options& o, const StepState& step,
                                     const Batch& batch) {
  const Shape& shape = images.shape();
  kernels::ImageBatch args{
      .images = images.data<std::uint8_t>(),
      .labels = labels.data<std::int32_t>(),
      .index = index.data<std::int32_t>(),
      .out = batch.images.out(),
      .out_labels = batch.labels.data<std::int32_t>(),
      .n = index.shape()[0],
      .h = shape[1],
      .w = shape[2],
      .c = shape[3],
      .flip = o.flip,
      .seed = o.seed,
      .step = step.data(),
      .mixing = {.mixup = o.mixing.mixup,
                 .cutmix = o.mixing.cutmix,
                 .partners = o.mixing.partners.template data<std::int32_t>(),
                 .out_other_labels = batch.other_labels.template data<std::int32_t>(),
                 .out_share = batch.share.data(),
                 .partner_count = int(o.mixing.partners.size()),
                 .seed = o.mixing.seed},
      .gathered = o.gathered};
  std::copy(o.mean.begin(), o.mean.end(), args.mean);
  std::copy(o.std.begin(), o.std.end(), args.std);
  return args;
}

}  // namespace engine
