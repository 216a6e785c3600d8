// SPDX-License-Identifier: MIT
#include "engine/tensor.h"

#include "engine/autograd.h"
#include "engine/ops/expect.h"
#include "kernels/copy_channels.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/run.h"

namespace engine {

using kernels::dtype_of;

struct Storage {
  Device device;
  std::size_t bytes;
  void* at;
  int channels_taken = 0;  // of each row, where there is room for more

  Storage(Device on, std::size_t size) : device(on), bytes(size), at(pool(on).allocate(size)) {}
  ~Storage() { pool(device).release(at, bytes); }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
};

namespace {

void refuse_gradient(const char* what, const Tensor& t) {
  require(!recording({t}), "{}: the gradient of a tensor of {} would be lost; detach() it first",
          what, t.shape());
}

void require_contiguous(const char* what, const Tensor& t) {
  require(t.contiguous(), "{}: the rows of {} are parts of wider ones; clone() it first", what,
          t.shape());
}

template <class T>
Tensor from_host(std::span<const T> values, const Shape& shape, Device device) {
  require(values.size() == shape.size(), "a tensor of shape {} has {} elements, not {}", shape,
          shape.size(), values.size());
  Tensor t = Tensor::empty(shape, device, dtype_of<T>);
  kernels::copy(t.raw(), device, values.data(), Device::cpu, values.size_bytes());
  return t;
}

}  // namespace

Tensor Tensor::empty(const Shape& shape, Device device, DType type) {
  Tensor t;
  t.shape_ = shape;
  t.type_ = type;
  t.storage_ = std::make_shared<Storage>(device, t.bytes());
  return t;
}

Tensor Tensor::zeros(const Shape& shape, Device device, DType type) {
  Tensor t = empty(shape, device, type);
  kernels::fill_bytes(device, t.raw(), 0, t.bytes());
  return t;
}

Tensor Tensor::from(std::span<const float> v, const Shape& s, Device d) {
  return from_host(v, s, d);
}
Tensor Tensor::from(std::span<const std::int32_t> v, const Shape& s, Device d) {
  return from_host(v, s, d);
}
Tensor Tensor::from(std::span<const std::uint8_t> v, const Shape& s, Device d) {
  return from_host(v, s, d);
}

Device Tensor::device() const {
  require(storage_ != nullptr, "a null tensor has no device");
  return storage_->device;
}

void* Tensor::raw() const {
  return storage_ ? static_cast<unsigned char*>(storage_->at) + offset_ : nullptr;
}

template <class T>
T* Tensor::data() const {
  require(!storage_ || type_ == dtype_of<T>, "a tensor of {} is not one of {}", name_of(type_),
          name_of(dtype_of<T>));
  require_contiguous("data", *this);
  return static_cast<T*>(raw());
}
template float* Tensor::data<float>() const;
template kernels::bf16* Tensor::data<kernels::bf16>() const;
template std::int32_t* Tensor::data<std::int32_t>() const;
template std::uint8_t* Tensor::data<std::uint8_t>() const;

template <class T>
std::vector<T> Tensor::to_host() const {
  if (!contiguous()) return detach().clone().to_host<T>();
  std::vector<T> values(size());
  kernels::copy(values.data(), Device::cpu, data<T>(), device(), bytes());
  return values;
}
template std::vector<float> Tensor::to_host<float>() const;
template std::vector<kernels::bf16> Tensor::to_host<kernels::bf16>() const;
template std::vector<std::int32_t> Tensor::to_host<std::int32_t>() const;
template std::vector<std::uint8_t> Tensor::to_host<std::uint8_t>() const;

Tensor Tensor::to(Device device) const {
  refuse_gradient("to", *this);
  if (device == this->device()) return detach();
  if (!contiguous()) return clone().to(device);
  Tensor t = empty(shape_, device, type_);
  t.copy_from(*this);
  return t;
}

Tensor Tensor::clone() const {
  refuse_gradient("clone", *this);
  Tensor t = empty(shape_, device(), type_);
  t.copy_from(*this);
  return t;
}

void Tensor::copy_from(const Tensor& other) const {
  require(shape_ == other.shape_ && type_ == other.type_, "copy: {} of {} into {} of {}",
          other.shape_, name_of(other.type_), shape_, name_of(type_));
  if (contiguous() && other.contiguous()) {
    kernels::copy(raw(), device(), other.raw(), other.device(), bytes());
    return;
  }
  require(device() == other.device(), "copy: parts of wider rows stay on their device");
  kernels::run(
      device(),
      kernels::CopyChannels{
          .x = other.in(), .y = out(), .rows = rows_of("copy", shape_), .channels = shape_[-1]});
}

Tensor Tensor::view(const Shape& shape) const {
  refuse_gradient("view", *this);
  require(shape.size() == size(), "view: {} elements of {} do not make {}", size(), shape_, shape);
  return slice(0, shape);
}

Tensor Tensor::slice(std::size_t first, const Shape& shape) const {
  refuse_gradient("slice", *this);
  require_contiguous("slice", *this);
  require(first + shape.size() <= size(), "slice: elements {} to {} of a tensor of {}", first,
          first + shape.size(), size());
  Tensor t = detach();
  t.offset_ += first * kernels::size_of(type_);
  t.shape_ = shape;
  t.kept_ = nullptr;
  return t;
}

Tensor Tensor::narrow(int first, int channels) const {
  refuse_gradient("narrow", *this);
  require(shape_.rank() >= 1 && first >= 0 && channels >= 1 && first + channels <= shape_[-1],
          "narrow: channels {} to {} of a tensor of {}", first, first + channels, shape_);
  Tensor t = detach();
  const int pitch = contiguous() ? shape_[-1] : pitch_;
  t.offset_ += std::size_t(first) * kernels::size_of(type_);
  t.shape_ = shape_.with_last(channels);
  t.pitch_ = channels == pitch ? 0 : pitch;
  t.kept_ = nullptr;
  return t;
}

Tensor Tensor::with_room(const Shape& shape, int more, Device device, DType type) {
  const int channels = shape[-1];
  const Tensor t = empty(shape.with_last(channels + more), device, type).narrow(0, channels);
  t.storage_->channels_taken = channels;
  return t;
}

Tensor Tensor::grown(int more) const {
  const int channels = shape_[-1];
  if (pitch_ == 0 || offset_ != 0 || storage_->channels_taken != channels ||
      channels + more > pitch_)
    return {};
  storage_->channels_taken += more;
  Tensor t = detach();
  t.shape_ = shape_.with_last(channels + more);
  if (channels + more == pitch_) t.pitch_ = 0;
  return t;
}

Tensor Tensor::detach() const {
  Tensor t = *this;
  t.node_ = nullptr;
  return t;
}

}  // namespace engine
