// SPDX-License-Identifier: MIT
#include "experiments/report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/runtime/error.h"

namespace experiments {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --faint: #5a5a5a;
  --line: #d4d4d4; --panel: #f4f4f4; --held: #00664a; --not-held: #a83200; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #161616; --faint: #a8a8a8; --line: #444444; --panel: #242424;
    --held: #5fd3ab; --not-held: #ff9a6b; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
p, li { max-width: 46rem; overflow-wrap: anywhere; }
.note { color: var(--faint); font-size: 0.875rem; }
.reduced { background: var(--panel); border-left: 0.3rem solid var(--not-held); padding: 0.6rem 1rem; }
figure { margin: 1rem 0; background: #ffffff; border: 1px solid var(--line); }
figure svg { display: block; width: 100%; height: auto; }
.narrow { display: none; }
@media screen and (max-width: 40rem) { .wide { display: none; } .narrow { display: block; } }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; font-weight: normal; }
thead th { font-weight: 600; vertical-align: bottom; }
tbody th { min-width: 9rem; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; }
.verdict { font-weight: 600; white-space: nowrap; }
.held { color: var(--held); }
.not-held { color: var(--not-held); }
.undecided { color: var(--faint); }
summary { cursor: pointer; margin: 0.5rem 0; }
@media print {
  :root { --ink: #000000; --paper: #ffffff; --faint: #444444; --line: #bbbbbb; --panel: #f4f4f4;
    --held: #00664a; --not-held: #a83200; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  table { font-size: 8pt; }
  th, td { padding: 0.15rem 0.4rem; }
  .scroll { overflow: visible; }
  figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
)";

// The end of `text` from the first `mark` on.
std::string_view from(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  kernels::require(at != text.npos, "report: an SVG file has no {}", mark);
  return text.substr(at);
}

// Takes the elements of a name, and all that is in them, out of a text.
void remove_elements(std::string& text, const std::string& name) {
  const std::string end = "</" + name + ">";
  for (std::size_t start; (start = text.find("<" + name + ">")) != text.npos;) {
    const auto stop = text.find(end, start);
    if (stop == text.npos) return;
    text.erase(start, stop + end.size() - start);
  }
}

// A tag with the prefix at every id and every reference to one.
std::string prefixed(std::string_view tag, const std::string& prefix) {
  std::string result(tag);
  for (const std::string_view mark : {" id=\"", " id='", "href=\"#", "href='#", "url(#"})
    for (auto at = result.find(mark); at != result.npos;
         at = result.find(mark, at + mark.size() + prefix.size()))
      result.insert(at + mark.size(), prefix);
  return result;
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

std::string inline_svg(const std::string& svg, const std::string& prefix, std::string_view label) {
  const std::string_view from_root = from(svg, "<svg");
  const auto view = from(from_root, "viewBox=\"").substr(9);
  std::string inside(from(from_root, ">").substr(1));
  remove_elements(inside, "title");  // gnuplot's own words, which would show under the pointer
  remove_elements(inside, "desc");

  std::string html = fmt::format("<svg viewBox=\"{}\" role=\"img\" aria-label=\"{}\">",
                                 view.substr(0, view.find('"')), escape_html(label));
  // Text between tags stays as it is, even if it looks like an attribute.
  for (std::size_t at = 0; at < inside.size();) {
    const auto tag = std::min(inside.find('<', at), inside.size());
    const auto end = std::min(inside.find('>', tag), inside.size() - 1) + 1;
    html += std::string_view(inside).substr(at, tag - at);
    html += prefixed(std::string_view(inside).substr(tag, end - tag), prefix);
    at = end;
  }
  return html;
}

std::string html_page(std::string_view title, const std::string& html_body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n{2}</main>\n"
      "</body>\n</html>\n",
      escape_html(title), style, html_body);
}

}  // namespace experiments
