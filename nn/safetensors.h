// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nn {

/// A tensor in a safetensors file. Values are held as they lie in the file, little-endian.
struct FileTensor {
  std::string dtype;  // "F32", "I64", "I32", "U8", ...
  std::vector<std::int64_t> shape;
  std::vector<std::uint8_t> bytes;

  static FileTensor f32(std::vector<std::int64_t> shape, const std::vector<float>& values);
  static FileTensor i64(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);
  std::vector<float> to_f32() const;  // from F32 or F64; throws Error for other types
  std::vector<std::int64_t> to_i64() const;
};

struct TensorFile {
  std::map<std::string, FileTensor> tensors;
  std::map<std::string, std::string> metadata;  // the header's __metadata__
};

/// Reads a whole file. Throws Error naming the file for anything that is not a sound safetensors
/// file (truncated, header too long, overlapping or missing ranges, sizes that do not match
/// shapes).
TensorFile read_safetensors(const std::filesystem::path&);

/// Writes to a temporary name beside `path`, flushes to the disk, then renames: readers see the old
/// file or the new one, and a full disk or a kill costs neither.
void write_safetensors(const std::filesystem::path&, const TensorFile&);

}  // namespace nn
