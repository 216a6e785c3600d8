// SPDX-License-Identifier: MIT
#include "kernels/runtime/error.h"

namespace kernels {
namespace {

/// `text` with its control characters, those of ASCII and the 32 more of Unicode, visible. Bytes
/// that are not UTF-8 stay: paths may have them.
std::string visible(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {  // U+0080 to U+009F
      out += fmt::format("\\x{:02x}", next);
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

Error::Error(const std::string& message) : std::runtime_error(visible(message)) {}

}  // namespace kernels
