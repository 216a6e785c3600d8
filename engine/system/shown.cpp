// SPDX-License-Identifier: MIT
#include "engine/system/shown.h"

#include <algorithm>

#include "kernels/runtime/error.h"

namespace nn {

std::string shown(const std::string& name) {
  constexpr std::size_t longest = 64, head = 32, tail = 28;
  if (name.size() <= longest) return fmt::format("{:?}", name);
  const auto start_of_character = [&name](std::size_t at) {
    while (at > 0 && (static_cast<unsigned char>(name[at]) & 0xc0) == 0x80) --at;
    return at;
  };
  return fmt::format("{:?}...{:?}", name.substr(0, start_of_character(head)),
                     name.substr(start_of_character(name.size() - tail)));
}

std::string shown(const std::vector<std::int64_t>& shape) {
  constexpr std::size_t most = 8;
  const auto end = shape.begin() + std::ptrdiff_t(std::min(most, shape.size()));
  return fmt::format("[{}{}]", fmt::join(shape.begin(), end, ","),
                     shape.size() > most ? ",..." : "");
}

}  // namespace nn
