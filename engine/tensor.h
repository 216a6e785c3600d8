// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/pool.h"
#include "engine/shape.h"
#include "kernels/runtime/array.h"
#include "kernels/runtime/error.h"

namespace engine {

using kernels::DType;
using kernels::Error;
using kernels::fail;
using kernels::require;

struct Storage;       // a block of the pool
struct Node;          // autograd.h
struct KeptChannels;  // below

/// A row-major array on one device. Copying shares the data and the place in the autograd graph, as
/// with a Python reference; `clone` copies the data. Rows (of the last axis) lie side by side, but
/// in the views that narrow() gives, which only batch_norm and concat_channels take.
class Tensor {
 public:
  Tensor() = default;  // the null tensor: no data, stands for "absent"

  static Tensor empty(const Shape&, Device, DType = DType::f32);
  static Tensor zeros(const Shape&, Device, DType = DType::f32);
  static Tensor from(std::span<const float>, const Shape&, Device);
  static Tensor from(std::span<const std::int32_t>, const Shape&, Device);
  static Tensor from(std::span<const std::uint8_t>, const Shape&, Device);

  explicit operator bool() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return shape_.size(); }
  std::size_t bytes() const { return size() * kernels::size_of(type_); }
  Device device() const;
  DType dtype() const { return type_; }

  bool contiguous() const { return pitch_ == 0; }

  /// The elements' address on their device; throws unless T, which is float, kernels::bf16,
  /// std::int32_t or std::uint8_t, matches dtype(), and unless this is contiguous.
  template <class T = float>
  T* data() const;
  void* raw() const;                                                 // of the first element
  kernels::ConstArray in() const { return {raw(), type_, pitch_}; }  // an op's input, or null
  kernels::Array out() const { return {raw(), type_, pitch_}; }      // as an op's output

  /// Copies to the host; waits for the device.
  template <class T = float>
  std::vector<T> to_host() const;
  void copy_from(const Tensor&) const;  // same shape and type, any device
  Tensor detach() const;                // same data, outside the graph

  /// No gradient passes through these. Where one would have to they throw Error; detach() first.
  Tensor to(Device) const;
  Tensor clone() const;
  Tensor view(const Shape&) const;                      // same elements, another shape
  Tensor slice(std::size_t first, const Shape&) const;  // a part of the flat elements
  Tensor narrow(int first, int channels) const;         // a part of each row

  /// Makes this a leaf of the graph. With `grad`, its gradient is written straight to that tensor:
  /// a slice of a model's flat gradient buffer, of f32 also where this is bf16.
  Tensor& require_grad();
  Tensor& require_grad(const Tensor& grad);
  /// Makes this, a copy of a leaf in another type, the same leaf: they have one gradient.
  Tensor& share_grad(const Tensor& leaf);
  bool requires_grad() const { return node_ != nullptr; }
  const std::shared_ptr<Node>& node() const { return node_; }
  Tensor grad() const;     // null before backward()
  void zero_grad() const;  // the next backward() overwrites the gradient
  void backward() const;   // from a one-element tensor

  /// Rows of `channels` that have room for `more`, of which grown() makes use.
  static Tensor with_room(const Shape&, int more, Device, DType);
  /// The same rows with `more` channels behind these, not initialised. Null if there is no room, or
  /// if another has grown into it.
  Tensor grown(int more) const;
  /// Shared with what grows from this and with the tensor itself in another place; null unless set.
  const std::shared_ptr<KeptChannels>& kept() const { return kept_; }
  void keep(std::shared_ptr<KeptChannels> kept) { kept_ = std::move(kept); }

 private:
  friend Tensor attach(Tensor, std::shared_ptr<Node>);

  std::shared_ptr<Storage> storage_;
  std::size_t offset_ = 0;  // bytes
  Shape shape_;
  int pitch_ = 0;  // elements from a row to the next; 0: the extent of the last axis
  DType type_ = DType::f32;
  std::shared_ptr<Node> node_;
  std::shared_ptr<KeptChannels> kept_;
};

/// What batch norms share that read the same tensor while it grows. A channel has one mean and one
/// variance, whoever asks for them; and what they add to its gradient by these is added up by
/// channel, and applied when the gradient is complete (kernels::BatchNormBackward). All are f32,
/// with an element for each channel that there is room for.
struct KeptChannels {
  Tensor mean, var;      // of the first `known` channels
  Tensor slope, offset;  // start as 0
  int known = 0;
  bool deferred = false;  // the gradient lacks slope * (x - mean) + offset
};

}  // namespace engine
