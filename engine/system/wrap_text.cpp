// SPDX-License-Identifier: MIT
#include "engine/system/wrap_text.h"

#include <algorithm>

namespace experiments {
namespace {

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

int text_width(std::string_view text) {
  return int(std::count_if(text.begin(), text.end(), starts_character));
}

std::string first_characters(std::string_view text, int count) {
  std::size_t end = 0;
  for (; end < text.size(); ++end)
    if (starts_character(text[end]) && count-- == 0) break;
  return std::string(text.substr(0, end));
}

std::vector<std::string> wrap_text(std::string_view text, int width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t line_end = text.find('\n');
    std::string line = first_characters(text.substr(0, line_end), width);
    std::size_t next = line.size();
    if (next < text.size() && text[next] != '\n' && text[next] != ' ') {
      // In the middle of a word: back to the space before it, if there is one.
      if (const std::size_t space = line.rfind(' '); space != std::string::npos && space > 0) {
        line.resize(space);
        next = space;
      }
    }
    if (next < text.size() && (text[next] == ' ' || text[next] == '\n')) ++next;
    lines.push_back(std::move(line));
    text.remove_prefix(next);
  }
  return lines;
}

}  // namespace experiments
