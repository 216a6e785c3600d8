// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The little HTML that a report needs. `html` in a name: markup, not text to be escaped.
namespace experiments {

/// Text for content and attribute values; control characters other than line ends and tabs are left
/// out.
std::string escape_html(std::string_view text);

/// A table that scrolls sideways where it is too wide; on narrow screens one of more than a few
/// columns has the cells of a row below each other. The first `text_columns` are set to the
/// left, numbers to the right; the first cell of a row is its heading.
struct HtmlTable {
  std::vector<std::string> head;  // text
  std::vector<std::vector<std::string>> html_rows;
  std::size_t text_columns = 1;
};
std::string to_html(const HtmlTable&);

/// An SVG file as a picture in the page itself, with `label` for those who do not see it.
std::string svg_image(std::string_view svg, std::string_view label);

/// The same of a PNG file.
std::string png_image(std::string_view png, std::string_view label);

/// A whole page in the report's style, which suits phones, print and dark screens. Browsers load it
/// again every `refresh` seconds; 0: never.
std::string html_page(std::string_view title, const std::string& html_body, int refresh = 0);
/// Whether a file is such a page with `refresh` > 0; false if it cannot be read.
bool loads_itself(const std::filesystem::path&);
inline constexpr const char* report_file = "report.html";
inline constexpr std::string_view page_start = "<!DOCTYPE html>\n";

}  // namespace experiments
