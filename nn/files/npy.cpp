// SPDX-License-Identifier: MIT
#include "nn/files/npy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <optional>

#include "engine/system/regular_file.h"
#include "engine/system/shown.h"
#include "kernels/runtime/error.h"

/// The format: "\x93NUMPY", two bytes of version, the header's length in two bytes (version 1) or
/// four (2 and 3), the header, a Python dictionary, and the values. See
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
namespace nn {

namespace {

using kernels::Error;
using kernels::fail;
using kernels::require;

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t longest_header = 1 << 20, most_axes = 64;

struct Header {
  std::string descr;
  bool columns_first = false;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;  // before the values
};

/// Reads the header's dictionary: three keys in any order, with texts, True or False, and a tuple.
class Dictionary {
 public:
  explicit Dictionary(std::string_view text) : rest_(text) {}

  Header read() {
    std::optional<std::string> descr;
    std::optional<bool> columns_first;
    std::optional<std::vector<std::int64_t>> shape;
    expect('{');
    while (!take('}')) {
      const std::string key = text();
      expect(':');
      if (key == "descr" && !descr) {
        require(next() != '[' && next() != '(', "it holds records: save a plain array");
        descr = text();
      } else if (key == "fortran_order" && !columns_first) {
        columns_first = truth();
      } else if (key == "shape" && !shape) {
        shape = tuple();
      } else {
        broken();
      }
      if (take(',')) continue;
      expect('}');
      break;
    }
    next();
    if (!rest_.empty() || !descr || !columns_first || !shape) broken();
    return {*descr, *columns_first, *shape};
  }

 private:
  [[noreturn]] static void broken() { fail("its header is not that of an array"); }

  /// The next character that is not blank; zero at the end.
  char next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char c) {
    if (next() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) broken();
  }
  std::string text() {
    const char quote = next();
    if (quote != '\'' && quote != '"') broken();
    const std::size_t end = rest_.find(quote, 1);
    if (end == rest_.npos) broken();
    const std::string inside(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return inside;
  }
  bool truth() {
    next();
    for (const std::string_view word : {"True", "False"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return word == "True";
    }
    broken();
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> items;
    expect('(');
    while (!take(')')) {
      require(items.size() < most_axes, "it has more than {} axes", most_axes);
      next();
      std::int64_t item = -1;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), item);
      if (error != std::errc() || item < 0) broken();
      rest_.remove_prefix(std::size_t(end - rest_.data()));
      take('L');  // as Python 2 wrote it
      items.push_back(item);
      if (take(',')) continue;
      expect(')');
      break;
    }
    return items;
  }

  std::string_view rest_;
};

/// Our name of a type: "F32" of "<f4".
std::string dtype_of(const std::string& descr) {
  const std::string_view type = std::string_view(descr).substr(descr.empty() ? 0 : 1);
  require(
      !type.starts_with('O'),
      "it holds Python objects: save numbers, by numpy.save(FILE, numpy.array(x, \"float32\"))");
  constexpr std::array<std::array<std::string_view, 2>, 12> types{{{"f2", "F16"},
                                                                   {"f4", "F32"},
                                                                   {"f8", "F64"},
                                                                   {"b1", "BOOL"},
                                                                   {"i1", "I8"},
                                                                   {"i2", "I16"},
                                                                   {"i4", "I32"},
                                                                   {"i8", "I64"},
                                                                   {"u1", "U8"},
                                                                   {"u2", "U16"},
                                                                   {"u4", "U32"},
                                                                   {"u8", "U64"}}};
  const bool ordered =
      !descr.empty() && std::string_view("<>=|").find(descr[0]) != std::string_view::npos;
  for (const auto& [theirs, ours] : types)
    if (ordered && type == theirs) return std::string(ours);
  fail("its values are of type {}: save them as float16, 32 or 64, or as whole numbers",
       shown(descr));
}

/// Puts columns that lie one after the other into rows.
std::vector<std::uint8_t> in_rows(const std::vector<std::uint8_t>& columns, std::size_t rows,
                                  std::size_t width, std::size_t bytes) {
  std::vector<std::uint8_t> result(columns.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < width; ++c)
      std::copy_n(columns.begin() + std::ptrdiff_t((c * rows + r) * bytes), bytes,
                  result.begin() + std::ptrdiff_t((r * width + c) * bytes));
  return result;
}

Header read_header(RegularFile& in) {
  const auto take = [&in](void* to, std::size_t bytes) {
    require(in.read(to, bytes) == bytes, "it ends in its header: it is truncated");
  };
  std::array<char, magic.size() + 2> beginning{};
  take(beginning.data(), beginning.size());
  require(std::string_view(beginning.data(), magic.size()) == magic, "it is no NumPy array");
  const int version = std::uint8_t(beginning[magic.size()]);
  require(version >= 1 && version <= 3, "it is of version {} of NumPy's format, known are 1 to 3",
          version);
  std::array<std::uint8_t, 4> digits{};
  const std::size_t count = version == 1 ? 2 : 4;
  take(digits.data(), count);
  std::size_t length = 0;
  for (std::size_t i = digits.size(); i-- > 0;) length = length << 8 | digits[i];
  require(length <= longest_header, "its header of {} bytes is no array's", length);
  std::string text(length, ' ');
  take(text.data(), length);
  Header header = Dictionary(text).read();
  header.bytes = beginning.size() + count + length;
  return header;
}

FileTensor parse(RegularFile& in, bool with_values) {
  const Header header = read_header(in);
  FileTensor tensor{dtype_of(header.descr), header.shape, {}};
  const std::uint64_t bytes = byte_count(tensor.dtype, tensor.shape),
                      held = in.size() - std::min(header.bytes, in.size());
  require(held == bytes, "{} of shape {} take {} bytes, but {} follow its header{}", tensor.dtype,
          shown(tensor.shape), bytes, held, held < bytes ? ": it is truncated" : "");
  const bool columns_first = header.columns_first && tensor.shape.size() > 1;
  require(
      !columns_first || tensor.shape.size() == 2,
      "it lies in Fortran's order, which is read of two axes: save numpy.ascontiguousarray of it");
  if (!with_values) return tensor;
  tensor.bytes.resize(bytes);
  require(in.read(tensor.bytes.data(), bytes) == bytes, "it has become shorter");
  const std::size_t width = bits_of(tensor.dtype) / 8;
  if (header.descr[0] == '>')
    for (auto at = tensor.bytes.begin(); at != tensor.bytes.end(); at += std::ptrdiff_t(width))
      std::reverse(at, at + std::ptrdiff_t(width));
  if (columns_first && bytes > 0)  // of no columns there may be 2^62 rows
    tensor.bytes =
        in_rows(tensor.bytes, std::size_t(tensor.shape[0]), std::size_t(tensor.shape[1]), width);
  return tensor;
}

FileTensor read(const std::filesystem::path& path, bool with_values) try {
  RegularFile in(path);
  return parse(in, with_values);
} catch (const Error& error) {
  fail("cannot read {}: {}", path.string(), error.what());
} catch (const std::bad_alloc&) {
  fail("cannot read {}: it does not fit into memory", path.string());
}

}  // namespace

bool is_npy(const std::filesystem::path& path) try {
  std::array<char, magic.size()> beginning{};
  RegularFile in(path);
  return in.read(beginning.data(), beginning.size()) == beginning.size() &&
         std::string_view(beginning.data(), beginning.size()) == magic;
} catch (const Error& error) {
  fail("cannot read {}: {}", path.string(), error.what());
}

FileTensor read_npy(const std::filesystem::path& path) { return read(path, true); }

FileTensor read_npy_header(const std::filesystem::path& path) { return read(path, false); }

}  // namespace nn
