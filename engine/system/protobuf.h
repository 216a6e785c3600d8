// SPDX-License-Identifier: MIT
#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace nn {

inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += char(value >> (8 * i) & 0xff);
  return text;
}

/// A message of Protocol Buffers (protobuf.dev/programming-guides/encoding), field by field.
class ProtobufMessage {
 public:
  ProtobufMessage& number(std::uint64_t field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  ProtobufMessage& text(std::uint64_t field, std::string_view value) {  // or bytes
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  ProtobufMessage& message(std::uint64_t field, const ProtobufMessage& value) {
    return text(field, value.bytes_);
  }
  ProtobufMessage& real(std::uint64_t field, float value) {
    varint(field << 3 | 5);
    bytes_ += little_endian(std::bit_cast<std::uint32_t>(value), 4);
    return *this;
  }
  ProtobufMessage& real(std::uint64_t field, double value) {
    varint(field << 3 | 1);
    bytes_ += little_endian(std::bit_cast<std::uint64_t>(value), 8);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += char(value | 0x80);
    bytes_ += char(value);
  }

  std::string bytes_;
};

}  // namespace nn
