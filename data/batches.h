// SPDX-License-Identifier: MIT
#pragma once
#include <variant>

#include "data/dataset.h"
#include "engine/ops.h"

namespace data {

using engine::Batch;
using engine::Device;
using engine::DType;
using engine::Tensor;

enum class Order : std::uint8_t { shuffled, sequential };
enum class Augmentation : std::uint8_t { none, standard };

/// How batches are made of images.
using View = std::variant<engine::Augment, engine::ResizedCrop>;

/// A data set's images as bytes on the device; batches are made from them there, in the type that
/// networks want: f32 or bf16.
class DeviceImages {
 public:
  DeviceImages(const Images&, const Dataset& about, Device, DType type = DType::f32);

  Device device() const { return pixels_.device(); }
  const Tensor& pixels() const { return pixels_; }  // [count,h,w,c] u8
  const Tensor& labels() const { return labels_; }  // [count] i32
  DType type() const { return type_; }              // of batches
  View normalise_only() const { return view(false, 0); }
  View standard(std::uint64_t seed) const { return view(true, seed); }

 private:
  View view(bool augmented, std::uint64_t seed) const;

  Tensor pixels_, labels_;
  std::array<float, 4> mean_{}, std_{1, 1, 1, 1};
  int crop_padding_, view_size_, centre_;
  bool flip_;
  DType type_;
};

/// The same views, mixed with those of other samples of the batches' order.
View mixed(View, const engine::Mixing&);

/// The order of an epoch: `samples` as they are, or shuffled by (seed, epoch) alone; see shuffled.
std::vector<std::int32_t> epoch_order(const std::vector<std::int32_t>& samples, Order,
                                      std::uint64_t seed, int epoch);

/// Walks once over samples of `images` in batches. The order is uploaded once, a batch's index is a
/// slice of it; the last batch may be smaller. Keeps references to `images` and `step`. Throws
/// Error unless 1 <= batch_size <= order.size().
class Batches {
 public:
  Batches(const DeviceImages& images, const std::vector<std::int32_t>& order, int batch_size,
          const View&, const engine::StepState& step);

  int count() const;                              // batches in all
  int samples() const;                            // samples in all
  int batch_size() const { return batch_size_; }  // of all but the last
  Batch at(int batch) const;                      // batch in [0, count())
  Tensor index(int batch) const;        // [n] i32: the indices in the data set of that batch
  Batch of(const Tensor& index) const;  // at(batch) is of(index(batch))
  const Tensor& order() const { return order_; }  // [samples()] i32

 private:
  const DeviceImages& images_;
  const engine::StepState& step_;
  View view_;
  Tensor order_;
  int batch_size_, samples_;
};

}  // namespace data
