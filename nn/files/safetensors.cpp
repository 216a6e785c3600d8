// SPDX-License-Identifier: MIT
#include "nn/files/safetensors.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/system/atomic_file.h"
#include "engine/system/regular_file.h"
#include "engine/system/shown.h"
#include "kernels/runtime/error.h"
#include "nn/files/foreign_format.h"

/// The format: eight bytes with the header's length, the header (JSON: name -> dtype, shape and the
/// range of bytes it occupies, counted from the header's end), the tensors' bytes without gaps. See
/// https://github.com/huggingface/safetensors; what that implementation refuses is refused here.
namespace nn {

namespace {

using kernels::Error;
using kernels::fail;
using kernels::require;
using nlohmann::json;

// The reference implementation's limits.
constexpr std::uint64_t longest_header = 100'000'000;
constexpr int most_levels = 127;

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

constexpr std::array<const char*, 3> entry_fields{"dtype", "shape", "data_offsets"};

Entry parse_entry(const std::string& name, const json& fields, FileTensor& tensor) {
  const bool by_place = fields.is_array() && fields.size() == entry_fields.size();
  const auto field = [&](std::size_t i) -> const json& {
    require(by_place || (fields.is_object() && fields.contains(entry_fields[i])),
            "\"{}\" is missing", entry_fields[i]);
    return by_place ? fields.at(i) : fields.at(entry_fields[i]);
  };
  require(field(0).is_string(), "the type is not a string");
  require(field(1).is_array(), "the shape is not an array");
  const json& range = field(2);
  require(range.is_array() && range.size() == 2, "\"data_offsets\" is not a pair");

  tensor.dtype = field(0).get<std::string>();
  tensor.shape.clear();
  for (const json& extent : field(1)) tensor.shape.push_back(std::int64_t(to_unsigned(extent)));
  Entry entry{name, to_unsigned(range[0]), to_unsigned(range[1]), &tensor};
  const std::uint64_t wanted = byte_count(tensor.dtype, tensor.shape);
  require(entry.begin <= entry.end && entry.end - entry.begin == wanted,
          "bytes {} to {} do not hold {} of shape {}", entry.begin, entry.end, tensor.dtype,
          shown(tensor.shape));
  return entry;
}

constexpr const char* metadata_name = "__metadata__";

void parse_metadata(const json& fields, TensorFile& file) {
  require(fields.is_object() || fields.is_null(), "not an object");
  for (const auto& [key, value] : fields.items()) {
    require(value.is_string(), "{} is not a string", shown(key));
    file.metadata[key] = value.get<std::string>();
  }
}

/// Fills `file` but for the tensors' bytes; the entries come back in the order of their bytes. As
/// in the reference implementation the later of two tensors of one name counts, while the metadata
/// and what is known of a tensor may stand there once.
std::vector<Entry> parse_header(const std::string& text, TensorFile& file) {
  std::map<std::string, Entry> by_name;
  std::set<std::string> once_in_header, once_in_entry;
  std::string name;
  const auto on_key = [&](int depth, const std::string& key) {
    if (depth == 1) {
      name = key;
      once_in_entry.clear();
      require(key != metadata_name || once_in_header.insert(key).second, "stands there twice");
    } else if (depth == 2 && name != metadata_name &&
               std::find(entry_fields.begin(), entry_fields.end(), key) != entry_fields.end()) {
      require(once_in_entry.insert(key).second, "\"{}\" stands there twice", key);
    }
  };
  const auto on_value = [&](const json& fields) {
    if (name == metadata_name)
      parse_metadata(fields, file);
    else
      by_name[name] = parse_entry(name, fields, file.tensors[name]);
  };
  const auto on_event = [&](int depth, json::parse_event_t event, json& parsed) {
    using Event = json::parse_event_t;
    try {
      require(depth < most_levels, "nested deeper than {} levels", most_levels);
      if (event == Event::key) on_key(depth, parsed.get_ref<const std::string&>());
      const bool starts = event == Event::object_start || event == Event::array_start;
      if (depth == 1 && event != Event::key && !starts) on_value(parsed);
    } catch (const Error& error) {
      fail("{}: {}", shown(name), error.what());
    }
    return true;
  };
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  // json::parse takes a zero for the end of the text, and skips a byte order mark.
  const bool is_object = first != std::string::npos && text[first] == '{' &&
                         text.find('\0') == std::string::npos &&
                         !json::parse(text, on_event, false).is_discarded();
  require(is_object, "its header is not a JSON object");

  std::vector<Entry> entries;
  for (const auto& [key, entry] : by_name) entries.push_back(entry);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  return entries;
}

/// Without `with_values` the tensors' bytes stay in the file.
TensorFile parse(RegularFile& in, bool with_values) {
  const std::uint64_t size = in.size();
  const auto take = [&in](void* to, std::uint64_t bytes) {
    require(in.read(to, bytes) == bytes, "it has become shorter");
  };
  std::uint64_t length = 0;
  require(size >= sizeof length, "{} bytes are too few for a safetensors file", size);
  take(&length, sizeof length);
  require(length <= longest_header,
          "a header of {} bytes is longer than the format allows: it is no safetensors file",
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
    require(entry.begin == next, "{} begins at byte {}, the tensor before it ends at {}",
            shown(entry.name), entry.begin, next);
    next = entry.end;
  }
  require(next == held - length, "the header describes {} bytes of tensors, the file holds {}",
          next, held - length);
  for (const Entry& entry : entries) {
    if (!with_values) break;
    entry.tensor->bytes.resize(entry.end - entry.begin);
    take(entry.tensor->bytes.data(), entry.tensor->bytes.size());
  }
  return file;
}

/// The kind of file at `path`, if it begins as no safetensors file does and is known; empty
/// otherwise.
std::string other_format(const std::filesystem::path& path) {
  std::string beginning(foreign_format_bytes, '\0');
  beginning.resize(RegularFile(path).read(beginning.data(), beginning.size()));
  constexpr std::size_t header = sizeof(std::uint64_t);  // its place
  if (beginning.size() > header && beginning[header] == '{') return {};
  return foreign_format(beginning);
}

TensorFile read(const std::filesystem::path& path, bool with_values) try {
  RegularFile in(path);
  try {
    return parse(in, with_values);
  } catch (const Error&) {
    if (const std::string other = other_format(path); !other.empty()) fail("{}", other);
    throw;
  }
} catch (const Error& error) {
  fail("cannot read {}: {}", path.string(), error.what());
} catch (const std::bad_alloc&) {
  fail("cannot read {}: it does not fit into memory", path.string());
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) { return read(path, true); }

TensorFile read_safetensors_header(const std::filesystem::path& path) { return read(path, false); }

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  // Wide types first, so that every tensor is aligned to its element.
  std::vector<std::pair<std::string, const FileTensor*>> order;
  for (const auto& [name, tensor] : file.tensors) order.emplace_back(name, &tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return bits_of(a.second->dtype) > bits_of(b.second->dtype);
  });

  json header = json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : order) {
    const std::uint64_t begin = std::exchange(end, end + tensor->bytes.size());
    require(byte_count(tensor->dtype, tensor->shape) == tensor->bytes.size(),
            "cannot write {}: {} has {} bytes, which is not its shape", path.string(), shown(name),
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
