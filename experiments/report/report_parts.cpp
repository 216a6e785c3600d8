// SPDX-License-Identifier: MIT
#include "experiments/report/report_parts.h"

#include <fmt/chrono.h>

#include "experiments/analysis/results.h"
#include "experiments/report/html.h"
#include "kernels/runtime/error.h"

namespace experiments {

namespace {

void add_entries(HtmlTable& table, const Json& object, const std::string& prefix) {
  for (const auto& [key, value] : object.items())
    if (value.is_object())
      add_entries(table, value, prefix + key + ".");
    else
      table.html_rows.push_back({escape_html(prefix + key), escape_html(plain_text(value))});
}

std::string framed(const Figure& figure, const std::string& image_html) {
  constexpr double pixels = 1.2;  // a point, at most
  return fmt::format("<figure style=\"max-width:{:.0f}px\">{}</figure>\n", pixels * figure.width,
                     image_html);
}

}  // namespace

std::string paragraph(std::string_view text, std::string_view kind) {
  return fmt::format("<p class=\"{}\">{}</p>\n", kind, escape_html(text));
}

std::string section(const std::string& title, const std::string& html) {
  return html.empty() ? "" : fmt::format("<h2>{}</h2>\n{}", escape_html(title), html);
}

std::string figure_html(const Figure& figure, const std::string& svg) {
  return framed(figure, svg_image(svg, figure.title));
}

std::string figure_html(const Figure& figure) {
  constexpr std::size_t most_cells = 1000;  // an SVG file grows with them
  const bool small = std::ranges::all_of(
      figure.panels, [](const Panel& p) { return p.cells.size() <= most_cells; });
  if (figure.panels.empty()) return "";
  return small ? figure_html(figure, svg_of(figure))
               : framed(figure, png_image(png_of(figure), figure.title));
}

std::string drawn_html(const Figure& figure) try {
  return figure_html(figure);
} catch (const kernels::Error& e) {
  return paragraph(fmt::format("No figure: {}.", e.what()));
}

std::string settings_html(const Json& settings, std::string_view title) {
  HtmlTable table{.head = {"setting", "value"}, .html_rows = {}, .text_columns = 2};
  add_entries(table, settings, "");
  if (table.html_rows.empty()) return {};
  return fmt::format("<details>\n<summary>{}</summary>\n{}</details>\n", escape_html(title),
                     to_html(table));
}

std::string time_text() {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)));
}

void PagePace::write(const std::function<void()>& page) {
  constexpr int least_share = 50;
  const auto start = Clock::now();
  page();
  const Seconds taken = Clock::now() - start;
  next_ = Clock::now() +
          std::chrono::duration_cast<Clock::duration>(std::max(pause_, least_share * taken));
}

}  // namespace experiments
