// SPDX-License-Identifier: MIT
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace nn {

inline constexpr int deepest_json = 64;  // levels; what we write has five

/// The value that a text holds; every text from outside goes through here. Throws Error with a few
/// words ("it is damaged at byte 17 of 80") if it is not JSON, has a key of an object twice, or is
/// nested deeper than deepest_json: copies and comparisons of what was read recurse, and would
/// overflow the stack. For the types
/// nlohmann::json and nlohmann::ordered_json.
template <class Json = nlohmann::json>
Json parse_json(std::string_view text);

}  // namespace nn
