// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace nn {

/// A name of any length and any characters for a line: quoted, with escapes, the middle of a long
/// one left out.
std::string shown(const std::string& name);

/// A shape for a line: "[64,3,7,7]", the end of a long one left out.
std::string shown(const std::vector<std::int64_t>& shape);

}  // namespace nn
