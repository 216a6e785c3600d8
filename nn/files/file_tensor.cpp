// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "engine/system/shown.h"
#include "kernels/runtime/error.h"
#include "nn/files/safetensors.h"

namespace nn {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

using kernels::fail;
using kernels::require;

namespace {

struct TypeSize {
  std::string_view name;
  std::uint64_t bits;
};
constexpr std::array<TypeSize, 22> type_sizes{{
    {"F64", 64},    {"I64", 64},    {"U64", 64},        {"C64", 64},    {"F32", 32},
    {"I32", 32},    {"U32", 32},    {"F16", 16},        {"BF16", 16},   {"I16", 16},
    {"U16", 16},    {"F8_E4M3", 8}, {"F8_E5M2", 8},     {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"I8", 8},      {"U8", 8},      {"F8_E5M2FNUZ", 8}, {"BOOL", 8},    {"F6_E2M3", 6},
    {"F6_E3M2", 6}, {"F4", 4},
}};

template <class T>
FileTensor from_values(const char* dtype, std::vector<std::int64_t> shape,
                       const std::vector<T>& values) {
  FileTensor tensor{dtype, std::move(shape), std::vector<std::uint8_t>(values.size() * sizeof(T))};
  require(byte_count(dtype, tensor.shape) == tensor.bytes.size(),
          "a tensor of shape {} with {} values", shown(tensor.shape), values.size());
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

template <class T>
std::vector<T> values_of(const FileTensor& tensor) {
  require(byte_count(tensor.dtype, tensor.shape) == tensor.bytes.size(),
          "a tensor of shape {} with {} bytes", shown(tensor.shape), tensor.bytes.size());
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
  return values;
}

/// The values of a tensor whose elements are stored as Stored, each by `convert`.
template <class Stored, class T, class Convert>
std::vector<T> converted(const FileTensor& tensor, Convert convert) {
  const std::vector<Stored> stored = values_of<Stored>(tensor);
  std::vector<T> values(stored.size());
  std::transform(stored.begin(), stored.end(), values.begin(), convert);
  return values;
}

float from_f16(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f, mantissa = bits & 0x3ff;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  float value = 0;
  if (exponent == 0x1f)
    value = mantissa == 0 ? infinity : std::numeric_limits<float>::quiet_NaN();
  else if (exponent == 0)
    value = std::ldexp(float(mantissa), -24);
  else
    value = std::ldexp(float(mantissa | 0x400), exponent - 25);
  return bits >> 15 == 0 ? value : -value;
}

/// To the nearest, of two the even one. NaN becomes NaN.
std::uint16_t to_f16(float value) {
  constexpr float largest = 65504;
  const auto sign = std::uint16_t(std::signbit(value) ? 0x8000 : 0);
  const float size = std::min(std::abs(value), largest);
  if (std::isnan(value)) return sign | 0x7e00;
  if (size < 0x1p-14f)  // whole multiples of 2^-24; 1024 of them are the first normal number
    return std::uint16_t(sign | std::uint16_t(std::nearbyint(std::ldexp(size, 24))));
  const auto bits = std::bit_cast<std::uint32_t>(size) - (112u << 23);  // of another exponent
  return std::uint16_t(sign | ((bits + 0xfff + (bits >> 13 & 1)) >> 13));
}

float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

float from_f64(double value) {
  const auto narrow = float(value);
  require(std::isinf(narrow) == std::isinf(value), "{} is too large for float32", value);
  return narrow;
}

std::int64_t from_u64(std::uint64_t value) {
  require(value <= std::uint64_t(std::numeric_limits<std::int64_t>::max()), "{} is too large",
          value);
  return std::int64_t(value);
}

}  // namespace

std::uint64_t bits_of(std::string_view dtype) {
  const auto type = std::find_if(type_sizes.begin(), type_sizes.end(),
                                 [dtype](const TypeSize& t) { return t.name == dtype; });
  require(type != type_sizes.end(), "unknown type {}", shown(std::string(dtype)));
  return type->bits;
}

std::uint64_t byte_count(std::string_view dtype, const std::vector<std::int64_t>& shape) {
  std::uint64_t bits = 1;
  const auto times = [&](std::uint64_t factor) {
    require(!__builtin_mul_overflow(bits, factor, &bits), "impossible shape {}", shown(shape));
  };
  for (const std::int64_t extent : shape) times(std::uint64_t(extent));
  times(bits_of(dtype));
  require(bits % 8 == 0, "{} of shape {} ends within a byte", dtype, shown(shape));
  return bits / 8;
}

FileTensor FileTensor::f32(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return from_values("F32", std::move(shape), values);
}

FileTensor FileTensor::f16(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  std::vector<std::uint16_t> rounded(values.size());
  std::transform(values.begin(), values.end(), rounded.begin(), to_f16);
  return from_values("F16", std::move(shape), rounded);
}

FileTensor FileTensor::i64(std::vector<std::int64_t> shape,
                           const std::vector<std::int64_t>& values) {
  return from_values("I64", std::move(shape), values);
}

std::vector<float> FileTensor::to_f32() const {
  if (dtype == "F32") return values_of<float>(*this);
  if (dtype == "F64") return converted<double, float>(*this, from_f64);
  if (dtype == "F16") return converted<std::uint16_t, float>(*this, from_f16);
  if (dtype == "BF16") return converted<std::uint16_t, float>(*this, from_bf16);
  fail("a tensor of type {} where F32, F16, BF16 or F64 is needed", dtype);
}

std::vector<std::int64_t> FileTensor::to_i64() const {
  if (dtype == "I64") return values_of<std::int64_t>(*this);
  if (dtype == "U64") return converted<std::uint64_t, std::int64_t>(*this, from_u64);
  const auto widened = [this]<class Stored>(Stored) {
    return converted<Stored, std::int64_t>(*this, [](Stored x) { return std::int64_t(x); });
  };
  if (dtype == "I32") return widened(std::int32_t{});
  if (dtype == "U32") return widened(std::uint32_t{});
  if (dtype == "I16") return widened(std::int16_t{});
  if (dtype == "U16") return widened(std::uint16_t{});
  if (dtype == "I8") return widened(std::int8_t{});
  if (dtype == "U8" || dtype == "BOOL") return widened(std::uint8_t{});
  fail("a tensor of type {} where whole numbers are needed", dtype);
}

}  // namespace nn
