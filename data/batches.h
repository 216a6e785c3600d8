// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <span>
#include <variant>
#include <vector>

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

/// A data set's images as bytes; batches are made from them on the device, in the type that
/// networks want: f32 or bf16. All of them are in its memory, or stay where they are.
class DeviceImages {
 public:
  enum class Keep : std::uint8_t { on_device, where_they_are };
  DeviceImages(const Images&, const Dataset& about, Device, DType type = DType::f32,
               Keep = Keep::on_device);

  Device device() const { return labels_.device(); }
  bool on_device() const { return bool(pixels_); }
  const Tensor& pixels() const { return pixels_; }  // [count,h,w,c] u8; null if not on the device
  const engine::Shape& shape() const { return shape_; }  // of an image: [h,w,c]
  std::vector<std::uint8_t> image(std::int32_t place) const;
  /// Copies images that are not on the device, one behind the other.
  void read(std::span<const std::int32_t> places, std::uint8_t* to) const;
  const Tensor& labels() const { return labels_; }  // [count] i32
  DType type() const { return type_; }              // of batches
  View normalise_only() const { return view(false, 0); }
  View standard(std::uint64_t seed) const { return view(true, seed); }

 private:
  View view(bool augmented, std::uint64_t seed) const;

  engine::Shape shape_;
  Tensor pixels_, labels_;
  Bytes bytes_;  // of images that are not on the device
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

/// Rows [first, first + rows) of a batch.
struct BatchRows {
  int batch = 0, first = 0, rows = 0;
  bool operator==(const BatchRows&) const = default;
};

/// Walks once over samples of `images` in batches. The order is uploaded once, a batch's index is a
/// slice of it; the last batch may be smaller. Keeps references to `images` and `step`. Throws
/// Error unless 1 <= batch_size <= order.size().
class Batches {
 public:
  Batches(const DeviceImages& images, const std::vector<std::int32_t>& order, int batch_size,
          const View&, const engine::StepState& step);
  ~Batches();

  int count() const;                              // batches in all
  int samples() const;                            // samples in all
  int batch_size() const { return batch_size_; }  // of all but the last
  Batch at(int batch) const;                      // batch in [0, count())
  Tensor index(int batch) const;  // [n] i32: the indices in the data set of that batch
  const Tensor& order() const { return order_; }  // [samples()] i32

  /// at() in two parts, where a part of a batch is wanted, or of() is recorded and repeated: first
  /// images that are not on the device are fetched, to an address that stays as it is.
  void fetch(const BatchRows&) const;
  Batch of(const Tensor& index) const;
  const void* fetched() const;  // their address; null if all are on the device

  /// Has what will be fetched read ahead, in this order; mixed views are those of the epoch.
  /// Without it, or in another order, fetch() waits for the disk.
  void read_ahead(std::vector<BatchRows>, std::uint32_t epoch = 0) const;

 private:
  struct Reading;

  const DeviceImages& images_;
  const engine::StepState& step_;
  View view_;
  Tensor order_;
  int batch_size_, samples_;
  std::unique_ptr<Reading> reading_;  // null if all images are on the device
};

}  // namespace data
