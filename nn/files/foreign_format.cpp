// SPDX-License-Identifier: MIT
#include "nn/files/foreign_format.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace nn {

namespace {

using namespace std::string_view_literals;

constexpr auto by_pytorch =
    "; if torch.save wrote it, convert it: python3 -c 'import torch, safetensors.torch as s; "
    "s.save_file({k: v.contiguous() for k, v in torch.load(\"FILE\", map_location=\"cpu\", "
    "weights_only=True).items()}, \"FILE.safetensors\")'"sv;

struct Kind {
  std::string_view beginning, name, remedy = {};
};
constexpr auto kinds = std::to_array<Kind>({
    {"PK\x03\x04"sv, "a zip archive"sv, by_pytorch},
    {"\x80\x02"sv, "a Python pickle"sv, by_pytorch},
    {"\x80\x03"sv, "a Python pickle"sv, by_pytorch},
    {"\x80\x04"sv, "a Python pickle"sv, by_pytorch},
    {"\x80\x05"sv, "a Python pickle"sv, by_pytorch},
    {"version https://git-lfs"sv, "a Git LFS pointer"sv, ": git lfs pull gets the file itself"sv},
    {"\x1f\x8b"sv, "a gzip archive"sv, ": unpack it first"sv},
    {"BZh"sv, "a bzip2 archive"sv, ": unpack it first"sv},
    {"\xfd"
     "7zXZ"sv,
     "an xz archive"sv, ": unpack it first"sv},
    {"\x28\xb5\x2f\xfd"sv, "a zstd archive"sv, ": unpack it first"sv},
    {"\x89HDF\r\n"sv, "an HDF5 file (Keras)"sv},
    {"GGUF"sv, "a GGUF file"sv},
    {"\x93NUMPY"sv, "a NumPy array"sv},
    {"\x89PNG"sv, "a PNG picture"sv},
    {"\xff\xd8\xff"sv, "a JPEG picture"sv},
    {"%PDF"sv, "a PDF document"sv},
});

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return is_blank(c) || (byte >= 0x20 && byte != 0x7f);
  });
}

std::string_view text_kind(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  if (text.starts_with('<')) return "an HTML or XML page, as failed downloads are";
  if (text.starts_with('{') || text.starts_with('[')) return "JSON text";
  return "text";
}

/// A protobuf whose first field is a small version and whose second is a text.
bool is_onnx(std::string_view bytes) {
  return bytes.size() > 4 && bytes[0] == '\x08' && bytes[1] > 0 && bytes[1] < 0x20 &&
         bytes[2] == '\x12' && std::isalpha(static_cast<unsigned char>(bytes[4])) != 0;
}

}  // namespace

std::string foreign_format(std::string_view beginning) {
  constexpr std::string_view none = ", no safetensors file";
  beginning = beginning.substr(0, foreign_format_bytes);
  if (beginning.empty()) return "it is empty";
  if (beginning.starts_with("PK\x03\x04") && beginning.substr(0, 100).find(".npy") != none.npos)
    return "it is an .npz archive of NumPy's: save the one array that is wanted by numpy.save";
  for (const Kind& kind : kinds)
    if (beginning.starts_with(kind.beginning))
      return std::string("it is ").append(kind.name).append(none).append(kind.remedy);
  if (beginning.size() > 262 && beginning.substr(257, 5) == "ustar")
    return std::string("it is a tar archive").append(none).append(": unpack it first");
  if (is_onnx(beginning)) return std::string("it is an ONNX model").append(none);
  if (std::all_of(beginning.begin(), beginning.end(), [](char c) { return c == 0; }))
    return "it begins with zeros: it was not written or downloaded to the end";
  if (is_text(beginning)) return std::string("it is ").append(text_kind(beginning)).append(none);
  return {};
}

}  // namespace nn
