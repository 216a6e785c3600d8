// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// A tensor in a safetensors file. Values are held as they lie in the file, little-endian.
struct FileTensor {
  std::string dtype;  // "F32", "I64", "I32", "U8", ...
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> bytes;

  static FileTensor f32(std::vector<std::int64_t> shape, const std::vector<float>& values);
  /// Rounded to float16; what is larger than its largest number becomes that.
  static FileTensor f16(std::vector<std::int64_t> shape, const std::vector<float>& values);
  static FileTensor i64(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);
  /// From F32, F16 and BF16 (exactly) and F64 (rounded). Throws Error for other types, and for an
  /// F64 that is too large.
  std::vector<float> to_f32() const;
  /// From whole numbers of any width, and BOOL. Throws Error for other types, and for a U64 that is
  /// too large.
  std::vector<std::int64_t> to_i64() const;
};

/// Bits of an element; throws Error for a type that the format does not have.
std::uint64_t bits_of(std::string_view dtype);

/// Bytes of a tensor. Throws Error for an unknown type, for a size that overflows, and for one that
/// ends within a byte.
std::uint64_t byte_count(std::string_view dtype, const std::vector<std::int64_t>& shape);

struct TensorFile {
  using Tensors = std::map<std::string, FileTensor>;
  Tensors tensors;
  std::map<std::string, std::string> metadata;  // the header's __metadata__
};

/// Reads a whole file. Throws Error naming the file for anything that is not a sound safetensors
/// file (truncated, header too long, overlapping or missing ranges, sizes that do not match
/// shapes), and says what it is instead where that is known; for anything but a regular file at
/// once.
TensorFile read_safetensors(const std::filesystem::path&);

/// The same without the tensors' bytes, which stay in the file: quick, however large that is.
TensorFile read_safetensors_header(const std::filesystem::path&);

/// Writes to a temporary name beside `path`, flushes to the disk, then renames: readers see the old
/// file or the new one, and a full disk or a kill costs neither.
void write_safetensors(const std::filesystem::path&, const TensorFile&);

}  // namespace nn
