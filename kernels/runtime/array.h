// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/runtime/error_type.h"

namespace kernels {

/// Element types. bf16 is for activations only: weights, statistics and losses are f32.
enum class DType : std::uint8_t { f32, bf16, i32, u8 };

constexpr std::size_t size_of(DType type) {
  switch (type) {
    case DType::f32:
    case DType::i32: return 4;
    case DType::bf16: return 2;
    case DType::u8: return 1;
  }
  return 0;
}

constexpr const char* name_of(DType type) {
  switch (type) {
    case DType::f32: return "f32";
    case DType::bf16: return "bf16";
    case DType::i32: return "i32";
    case DType::u8: return "u8";
  }
  return "?";
}

/// Activations on their way through a network: an address with its element type, so that an op
/// can take another type later without a change of its struct. f32 is what every op takes today.
struct ConstArray {
  const void* data = nullptr;
  DType type = DType::f32;

  ConstArray() = default;
  ConstArray(const void* at, DType as) : data(at), type(as) {}
  ConstArray(const float* at) : data(at) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return data != nullptr; }
  const float* f32() const {
    if (type != DType::f32) throw Error("this kernel takes f32 activations only");
    return static_cast<const float*>(data);
  }
};

struct Array {
  void* data = nullptr;
  DType type = DType::f32;

  Array() = default;
  Array(void* at, DType as) : data(at), type(as) {}
  Array(float* at) : data(at) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return data != nullptr; }
  float* f32() const {
    if (type != DType::f32) throw Error("this kernel takes f32 activations only");
    return static_cast<float*>(data);
  }
};

}  // namespace kernels
