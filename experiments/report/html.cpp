// SPDX-License-Identifier: MIT
#include "experiments/report/html.h"

#include <fmt/format.h>

namespace experiments {
extern const char* const report_style;  // report.css; CMake makes the source

std::string escape_html(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default:
        if (static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t') html += c;
    }
  }
  return html;
}

std::string to_html(const HtmlTable& table) {
  const auto column = [&](std::size_t i) {
    return i < table.text_columns ? "" : " class=\"number\"";
  };
  std::string html = "<div class=\"scroll\"><table>\n<thead><tr>";
  for (std::size_t i = 0; i < table.head.size(); ++i)
    html += fmt::format("<th scope=\"col\"{}>{}</th>", column(i), escape_html(table.head[i]));
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.html_rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i)
      html += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", column(i), row[i])
                     : fmt::format("<td{}>{}</td>", column(i), row[i]);
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table></div>\n";
}

std::string svg_image(std::string_view svg, std::string_view label) {
  std::string data;
  for (const char c : svg) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && std::string_view("\"#%&<>`{|}").find(c) == std::string::npos)
      data += c;
    else
      data += fmt::format("%{:02X}", byte);
  }
  return fmt::format("<img alt=\"{}\" src=\"data:image/svg+xml,{}\">", escape_html(label), data);
}

std::string html_page(std::string_view title, const std::string& html_body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n{2}</main>\n"
      "</body>\n</html>\n",
      escape_html(title), report_style, html_body);
}

}  // namespace experiments
