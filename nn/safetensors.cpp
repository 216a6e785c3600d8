// SPDX-License-Identifier: MIT
#include "nn/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "kernels/error.h"
#include "nn/atomic_file.h"
#include "nn/json.h"

/// The format: eight bytes with the header's length, the header (JSON: name -> dtype, shape and the
/// range of bytes it occupies, counted from the header's end), the tensors' bytes without gaps. See
/// https://github.com/huggingface/safetensors; what that implementation refuses is refused here.
namespace nn {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

namespace {

using kernels::Error;
using kernels::fail;
using kernels::require;
using nlohmann::json;

constexpr std::uint64_t longest_header = 100'000'000;  // the reference implementation's limit

struct TypeSize {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<TypeSize, 15> type_sizes{{
    {"F64", 8},
    {"I64", 8},
    {"U64", 8},
    {"F32", 4},
    {"I32", 4},
    {"U32", 4},
    {"F16", 2},
    {"BF16", 2},
    {"I16", 2},
    {"U16", 2},
    {"F8_E4M3", 1},
    {"F8_E5M2", 1},
    {"I8", 1},
    {"U8", 1},
    {"BOOL", 1},
}};

std::uint64_t element_size(std::string_view dtype) {
  const auto type = std::find_if(type_sizes.begin(), type_sizes.end(),
                                 [dtype](const TypeSize& t) { return t.name == dtype; });
  require(type != type_sizes.end(), "unknown type {:?}", dtype);
  return type->bytes;
}

std::uint64_t byte_count(std::string_view dtype, const std::vector<std::int64_t>& shape) {
  std::uint64_t bytes = element_size(dtype);
  for (const std::int64_t extent : shape) {
    require(extent >= 0 && !__builtin_mul_overflow(bytes, std::uint64_t(extent), &bytes),
            "impossible shape [{}]", fmt::join(shape, ","));
  }
  return bytes;
}

template <class T>
FileTensor from_values(const char* dtype, std::vector<std::int64_t> shape,
                       const std::vector<T>& values) {
  FileTensor tensor{dtype, std::move(shape), std::vector<std::uint8_t>(values.size() * sizeof(T))};
  require(byte_count(dtype, tensor.shape) == tensor.bytes.size(),
          "a tensor of shape [{}] with {} values", fmt::join(tensor.shape, ","), values.size());
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

template <class T>
std::vector<T> values_of(const FileTensor& tensor) {
  require(byte_count(tensor.dtype, tensor.shape) == tensor.bytes.size(),
          "a tensor of shape [{}] with {} bytes", fmt::join(tensor.shape, ","),
          tensor.bytes.size());
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
  return values;
}

/// A tensor of the header, with the range of bytes it claims.
struct Entry {
  std::string name;
  std::uint64_t begin, end;
  FileTensor* tensor;
};

std::uint64_t to_unsigned(const json& number) {
  require(
      number.is_number_unsigned() &&
          number.get<std::uint64_t>() <= std::uint64_t(std::numeric_limits<std::int64_t>::max()),
      "sizes and offsets must be whole numbers");
  return number.get<std::uint64_t>();
}

Entry parse_entry(const std::string& name, const json& fields, FileTensor& tensor) {
  const auto field = [&fields](const char* key) -> const json& {
    require(fields.is_object() && fields.contains(key), "{:?} is missing", key);
    return fields.at(key);
  };
  require(field("dtype").is_string(), "the type is not a string");
  require(field("shape").is_array(), "the shape is not an array");
  const json& range = field("data_offsets");
  require(range.is_array() && range.size() == 2, "\"data_offsets\" is not a pair");

  tensor.dtype = fields.at("dtype").get<std::string>();
  for (const json& extent : fields.at("shape")) {
    tensor.shape.push_back(std::int64_t(to_unsigned(extent)));
  }
  Entry entry{name, to_unsigned(range[0]), to_unsigned(range[1]), &tensor};
  const std::uint64_t wanted = byte_count(tensor.dtype, tensor.shape);
  require(entry.begin <= entry.end && entry.end - entry.begin == wanted,
          "bytes {} to {} do not hold {} of shape [{}]", entry.begin, entry.end, tensor.dtype,
          fmt::join(tensor.shape, ","));
  return entry;
}

/// Fills `file` but for the tensors' bytes; the entries come back in the order of their bytes.
std::vector<Entry> parse_header(const std::string& text, TensorFile& file) {
  json header;
  try {
    header = parse_json(text);
  } catch (const Error& e) {
    fail("its header is not a JSON object: {}", e.what());
  }
  require(header.is_object() && text.front() == '{', "its header is not a JSON object");
  std::vector<Entry> entries;
  for (const auto& [name, fields] : header.items()) {
    try {
      if (name == "__metadata__") {
        require(fields.is_object(), "not an object");
        for (const auto& [key, value] : fields.items()) {
          require(value.is_string(), "{:?} is not a string", key);
          file.metadata[key] = value.get<std::string>();
        }
      } else {
        entries.push_back(parse_entry(name, fields, file.tensors[name]));
      }
    } catch (const Error& error) {
      fail("{:?}: {}", name, error.what());
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  return entries;
}

TensorFile read(const std::filesystem::path& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const std::uint64_t size = regular ? std::filesystem::file_size(path, error) : 0;
  require(!error, "{}", error.message());
  require(regular, "it is not a regular file");
  std::ifstream in(path, std::ios::binary);
  require(bool(in), "{}", std::strerror(errno));
  const auto take = [&in](void* to, std::uint64_t bytes) {
    require(bool(in.read(static_cast<char*>(to), std::streamsize(bytes))), "it cannot be read");
  };

  std::uint64_t length = 0;
  require(size >= sizeof length, "{} bytes are too few for a safetensors file", size);
  take(&length, sizeof length);
  require(length <= longest_header, "a header of {} bytes is longer than the format allows",
          length);
  const std::uint64_t held = size - sizeof length;
  require(length <= held,
          "a header of {} bytes in a file of {}: it is truncated or no safetensors file", length,
          size);
  std::string text(length, ' ');
  take(text.data(), length);

  TensorFile file;
  const std::vector<Entry> entries = parse_header(text, file);
  std::uint64_t next = 0;
  for (const Entry& entry : entries) {
    require(entry.begin == next, "{:?} begins at byte {}, the tensor before it ends at {}",
            entry.name, entry.begin, next);
    next = entry.end;
  }
  require(next == held - length, "the header describes {} bytes of tensors, the file holds {}",
          next, held - length);
  for (const Entry& entry : entries) {
    entry.tensor->bytes.resize(entry.end - entry.begin);
    take(entry.tensor->bytes.data(), entry.tensor->bytes.size());
  }
  return file;
}

}  // namespace

FileTensor FileTensor::f32(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return from_values("F32", std::move(shape), values);
}

FileTensor FileTensor::i64(std::vector<std::int64_t> shape,
                           const std::vector<std::int64_t>& values) {
  return from_values("I64", std::move(shape), values);
}

std::vector<float> FileTensor::to_f32() const {
  if (dtype == "F32") return values_of<float>(*this);
  require(dtype == "F64", "a tensor of type {} where F32 or F64 is needed", dtype);
  const std::vector<double> values = values_of<double>(*this);
  return {values.begin(), values.end()};
}

std::vector<std::int64_t> FileTensor::to_i64() const {
  require(dtype == "I64", "a tensor of type {} where I64 is needed", dtype);
  return values_of<std::int64_t>(*this);
}

TensorFile read_safetensors(const std::filesystem::path& path) try {
  return read(path);
} catch (const Error& error) {
  fail("cannot read {}: {}", path.string(), error.what());
} catch (const std::bad_alloc&) {
  fail("cannot read {}: it does not fit into memory", path.string());
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  // Wide types first, so that every tensor is aligned to its element.
  std::vector<std::pair<std::string, const FileTensor*>> order;
  for (const auto& [name, tensor] : file.tensors) order.emplace_back(name, &tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return element_size(a.second->dtype) > element_size(b.second->dtype);
  });

  json header = json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : order) {
    const std::uint64_t begin = std::exchange(end, end + tensor->bytes.size());
    require(byte_count(tensor->dtype, tensor->shape) == tensor->bytes.size(),
            "cannot write {}: {:?} has {} bytes, which is not its shape", path.string(), name,
            tensor->bytes.size());
    header[name] = {
        {"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();

  AtomicFile out(path);
  out.write(&length, sizeof length);
  out.write(text.data(), text.size());
  for (const auto& [name, tensor] : order) out.write(tensor->bytes.data(), tensor->bytes.size());
  out.commit();
}

}  // namespace nn
