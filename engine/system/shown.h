// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// With escapes for what would end a line or steer a terminal, and a backslash before each of
/// `also`.
std::string escaped(std::string_view text, std::string_view also = {});

/// In quotes, with escapes for quotes, backslashes and what would end a line or steer a terminal.
std::string in_quotes(std::string_view text);

/// A name of any length and any characters for a line: quoted, with escapes, the middle of a long
/// one left out.
std::string shown(const std::string& name);

/// A shape for a line: "[64,3,7,7]", the end of a long one left out.
std::string shown(const std::vector<std::int64_t>& shape);

}  // namespace nn
