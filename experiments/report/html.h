// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>
#include <vector>

/// The little HTML that a report needs. `html` in a name: markup, not text to be escaped.
namespace experiments {

/// Text for content and attribute values; control characters other than line ends and tabs are left
/// out.
std::string escape_html(std::string_view text);

/// A table that scrolls sideways where it is too wide. The first `text_columns` are set to the
/// left, numbers to the right; the first cell of a row is its heading.
struct HtmlTable {
  std::vector<std::string> head;  // text
  std::vector<std::vector<std::string>> html_rows;
  std::size_t text_columns = 1;
};
std::string to_html(const HtmlTable&);

/// An SVG file as a picture in the page itself, with `label` for those who do not see it.
std::string svg_image(std::string_view svg, std::string_view label);

/// A whole page in the report's style, which suits phones, print and dark screens.
std::string html_page(std::string_view title, const std::string& html_body);

}  // namespace experiments
