// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "kernels/runtime/bf16.h"
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

template <class T>
inline constexpr DType dtype_of = DType::f32;
template <>
inline constexpr DType dtype_of<bf16> = DType::bf16;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::i32;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::u8;

[[noreturn]] inline void refuse_type(DType there, DType wanted) {
  throw Error(std::string("this kernel takes ") + name_of(wanted) + " here, not " + name_of(there));
}

[[noreturn]] inline void refuse_pitch() {
  throw Error("this kernel takes rows without gaps here, not a part of wider rows");
}

/// Activations on their way through a network: an address with its element type, f32 or bf16. The
/// activations of an op are of one type, unless it says otherwise; kernels compute in float.
struct ConstArray {
  const void* data = nullptr;
  DType type = DType::f32;
  int pitch = 0;  // elements from a row to the next; 0: rows lie side by side

  ConstArray() = default;
  ConstArray(const void* at, DType as, int row_pitch = 0) : data(at), type(as), pitch(row_pitch) {}
  ConstArray(const float* at) : data(at) {}  // NOLINT(google-explicit-constructor)
  ConstArray(const bf16* at)
      : data(at), type(DType::bf16) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return data != nullptr; }
  /// Throws Error if it is an array of another type, or has a pitch; one that is absent is of any
  /// type.
  template <class T>
  const T* as() const {
    if (pitch != 0) refuse_pitch();
    return rows_as<T>();
  }
  /// For kernels that heed the pitch.
  template <class T>
  const T* rows_as() const {
    if (data != nullptr && type != dtype_of<T>) refuse_type(type, dtype_of<T>);
    return static_cast<const T*>(data);
  }
  int pitch_of(int columns) const { return pitch != 0 ? pitch : columns; }
  const float* f32() const { return as<float>(); }
};

struct Array {
  void* data = nullptr;
  DType type = DType::f32;
  int pitch = 0;

  Array() = default;
  Array(void* at, DType as, int row_pitch = 0) : data(at), type(as), pitch(row_pitch) {}
  Array(float* at) : data(at) {}                    // NOLINT(google-explicit-constructor)
  Array(bf16* at) : data(at), type(DType::bf16) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return data != nullptr; }
  template <class T>
  T* as() const {
    if (pitch != 0) refuse_pitch();
    return rows_as<T>();
  }
  template <class T>
  T* rows_as() const {
    if (data != nullptr && type != dtype_of<T>) refuse_type(type, dtype_of<T>);
    return static_cast<T*>(data);
  }
  int pitch_of(int columns) const { return pitch != 0 ? pitch : columns; }
  float* f32() const { return as<float>(); }
};

/// Calls run(T()), T the element type of activations of `type`: a kernel's one text for all types.
template <class Run>
void with_type(DType type, Run run) {
  if (type == DType::bf16) return run(bf16());
  if (type != DType::f32) refuse_type(type, DType::f32);
  run(float());
}

}  // namespace kernels
