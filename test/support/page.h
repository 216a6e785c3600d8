// SPDX-License-Identifier: MIT
#pragma once
#include <cctype>
#include <set>
#include <string>
#include <vector>

/// HTML pages in tests.
namespace test {

inline int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

inline bool has(const std::string& text, const std::string& part) { return count(text, part) > 0; }

/// The first error in the nesting of the elements; empty if there is none.
inline std::string nesting_error(const std::string& html) {
  const std::set<std::string> empty = {"meta", "br", "img", "!DOCTYPE"};
  std::vector<std::string> open;
  for (auto at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
    const auto end = html.find('>', at);
    if (end == html.npos) return "a tag without an end";
    const bool closing = html[at + 1] == '/';
    auto stop = at + 1 + closing;
    while (std::isalnum(static_cast<unsigned char>(html[stop])) || html[stop] == '!') ++stop;
    const std::string name = html.substr(at + 1 + closing, stop - at - 1 - closing);
    if (closing) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes another";
      open.pop_back();
    } else if (html[end - 1] != '/' && !empty.contains(name)) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

}  // namespace test
