// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

/// UTF-8 text on a limited width, one column for each character.
namespace experiments {

int text_width(std::string_view);
std::string first_characters(std::string_view, int count);

/// Breaks at spaces into lines of at most `width` >= 1 characters, within a word only where the
/// word is longer. Line ends in the text are kept. No text: no lines.
std::vector<std::string> wrap_text(std::string_view, int width);

}  // namespace experiments
