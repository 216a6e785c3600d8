// SPDX-License-Identifier: MIT
#include "engine/system/shown.h"

#include <algorithm>

#include "kernels/runtime/error.h"

namespace nn {

std::string escaped(std::string_view text, std::string_view also) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (also.find(c) != also.npos)
      result += {'\\', c};
    else if (c == '\n' || c == '\t' || c == '\r')
      result += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
    else if (byte < 32 || byte == 127)
      result += fmt::format("\\x{:02x}", byte);
    else
      result += c;
  }
  return result;
}

std::string in_quotes(std::string_view text) { return '"' + escaped(text, "\"\\") + '"'; }

std::string shown(const std::string& name) {
  constexpr std::size_t longest = 64, head = 32, tail = 28;
  if (name.size() <= longest) return in_quotes(name);
  const auto start_of_character = [&name](std::size_t at) {
    while (at > 0 && (static_cast<unsigned char>(name[at]) & 0xc0) == 0x80) --at;
    return at;
  };
  return in_quotes(name.substr(0, start_of_character(head))) + "..." +
         in_quotes(name.substr(start_of_character(name.size() - tail)));
}

std::string shown(const std::vector<std::int64_t>& shape) {
  constexpr std::size_t most = 8;
  const auto end = shape.begin() + std::ptrdiff_t(std::min(most, shape.size()));
  return fmt::format("[{}{}]", fmt::join(shape.begin(), end, ","),
                     shape.size() > most ? ",..." : "");
}

}  // namespace nn
