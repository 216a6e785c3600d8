// SPDX-License-Identifier: MIT
#include "experiments/report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/system/files.h"
#include "kernels/runtime/error_type.h"

namespace experiments {
extern const char* const report_style;  // report.css; CMake makes the source

namespace {

constexpr std::size_t most_narrow_columns = 4;
constexpr std::string_view refresh_start = "<meta http-equiv=\"refresh\" content=";

/// RFC 4648.
std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    unsigned three = 0;
    for (std::size_t i = 0; i < 3; ++i)
      three = three << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? digits[three >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

}  // namespace

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
  const auto kind = [&](std::size_t i) {
    return i < table.text_columns ? "" : " class=\"number\"";
  };
  // A narrow screen shows the cells of a row below each other, each behind its column's name.
  const bool wide = table.head.size() > most_narrow_columns;
  std::string html =
      fmt::format("<div class=\"scroll\"><table{}>\n<thead><tr>", wide ? " class=\"wide\"" : "");
  for (std::size_t i = 0; i < table.head.size(); ++i)
    html += fmt::format("<th scope=\"col\"{}>{}</th>", kind(i), escape_html(table.head[i]));
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.html_rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string name =
          wide ? fmt::format(" data-name=\"{}\"", escape_html(table.head[i])) : "";
      html += i == 0 ? fmt::format("<th scope=\"row\"{}{}>{}</th>", kind(i), name, row[i])
                     : fmt::format("<td{}{}>{}</td>", kind(i), name, row[i]);
    }
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

std::string png_image(std::string_view png, std::string_view label) {
  return fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">", escape_html(label),
                     base64(png));
}

std::string html_page(std::string_view title, const std::string& html_body, int refresh) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{3}"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n{2}</main>\n"
      "</body>\n</html>\n",
      escape_html(title), report_style, html_body,
      refresh > 0 ? fmt::format("{}\"{}\">\n", refresh_start, refresh) : "");
}

bool loads_itself(const std::filesystem::path& file) try {
  return read_file(file).find(refresh_start) != std::string::npos;
} catch (const kernels::Error&) {
  return false;
}

}  // namespace experiments
