// SPDX-License-Identifier: MIT
#include "experiments/report/errors_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "experiments/metrics/metric_list.h"
#include "experiments/metrics/metrics_table.h"
#include "experiments/report/html.h"
#include "experiments/report/report_parts.h"

namespace experiments {

namespace {

constexpr int most_numbers = 20;         // classes whose matrix has numbers
constexpr std::size_t most_listed = 20;  // classes and confusions that are not folded

const std::string& name_of(const ShownErrors& shown, int label) {
  return shown.classes[std::size_t(label)];
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

/// A share of the row's samples as a shade of its cell: right answers green, others orange.
std::string matrix_table(const ShownErrors& shown) {
  std::string html =
      "<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th scope=\"col\">class</th>";
  for (const std::string& name : shown.classes)
    html += fmt::format("<th scope=\"col\"><span>{}</span></th>", escape_html(name));
  html += "</tr></thead>\n<tbody>\n";
  for (int label = 0; label < shown.errors.classes; ++label) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", escape_html(name_of(shown, label)));
    int samples = 0;
    for (int c = 0; c < shown.errors.classes; ++c) samples += shown.errors.count(label, c);
    for (int c = 0; c < shown.errors.classes; ++c) {
      const int count = shown.errors.count(label, c);
      html += count == 0 ? std::string("<td class=\"none\">0</td>")
                         : fmt::format("<td style=\"background:rgba({},{:.3f})\">{}</td>",
                                       c == label ? "0,140,100" : "225,90,0",
                                       0.1 + 0.6 * double(count) / samples, count);
    }
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table></div>\n";
}

std::string confusions_html(const ShownErrors& shown) {
  HtmlTable table{.head = {"class", "taken for", "times"}, .html_rows = {}, .text_columns = 2};
  for (const Confusion& c : shown.errors.confusions()) {
    if (table.html_rows.size() == most_listed) break;
    table.html_rows.push_back({escape_html(name_of(shown, c.label)),
                               escape_html(name_of(shown, c.predicted)), std::to_string(c.count)});
  }
  if (table.html_rows.empty()) return {};
  return "<h3>Most frequent confusions</h3>\n" + to_html(table);
}

std::string classes_html(const ShownErrors& shown) {
  const std::vector<ClassAccuracy> all = shown.errors.by_class();
  const auto table_of = [&](std::size_t most) {
    HtmlTable table{.head = {"class", "most often taken for", "samples", "accuracy"},
                    .html_rows = {},
                    .text_columns = 2};
    for (std::size_t i = 0; i < std::min(most, all.size()); ++i) {
      const std::optional<Confusion> other = shown.errors.most_frequent(all[i].label);
      table.html_rows.push_back(
          {escape_html(name_of(shown, all[i].label)),
           other
               ? escape_html(fmt::format("{} ({})", name_of(shown, other->predicted), other->count))
               : "—",
           std::to_string(all[i].samples), percent(all[i].accuracy())});
    }
    return to_html(table);
  };
  if (all.size() <= most_listed)
    return "<h3>Classes, the worst first</h3>\n" + table_of(all.size());
  return fmt::format("<h3>The {} worst of {} classes</h3>\n{}", most_listed, all.size(),
                     table_of(most_listed)) +
         "<details>\n<summary>All classes</summary>\n" + table_of(all.size()) + "</details>\n";
}

std::string mistakes_html(const ShownErrors& shown) {
  if (shown.images.empty()) return {};
  std::string html = "<h3>Most confident mistakes</h3>\n<div class=\"mistakes\">\n";
  for (std::size_t i = 0; i < shown.images.size(); ++i) {
    const Mistake& m = shown.errors.mistakes[i];
    const ShownImage& image = shown.images[i];
    html += fmt::format(
        "<figure>{}<figcaption><strong>{}</strong> taken for <strong>{}</strong>, {}<br>"
        "<span class=\"note\">{}</span></figcaption></figure>\n",
        image.png.empty() ? "" : png_image(image.png, image.name),
        escape_html(name_of(shown, m.label)), escape_html(name_of(shown, m.predicted)),
        percent(m.confidence), escape_html(image.name));
  }
  return html + "</div>\n";
}

}  // namespace

ShownErrors shown_errors(const LabelledLogits& outputs, const TrainingData& data, DataPart part,
                         const std::vector<std::int32_t>& samples, std::size_t most_mistakes,
                         bool with_pictures) {
  ShownErrors shown{class_errors(outputs, most_mistakes), shown_classes(data.about())};
  for (const Mistake& m : shown.errors.mistakes) {
    ShownImage& image = shown.images.emplace_back();
    image.name = image_name(data.about(), part, samples[m.row]);
    if (with_pictures) image.png = image_png(data, part, samples[m.row]);
  }
  return shown;
}

Figure confusion_figure(const ShownErrors& shown, const std::string& title) {
  const int classes = shown.errors.classes;
  const bool few = classes <= most_numbers;
  std::vector<int> samples(std::size_t(classes), 0);
  for (const auto& [pair, count] : shown.errors.counts) samples[std::size_t(pair.first)] += count;
  Panel panel{.title = "", .x_label = "taken for", .y_label = "class", .curves = {}};
  panel.names = shown.classes;
  for (const auto& [pair, count] : shown.errors.counts)
    panel.cells.push_back({pair.first, pair.second,
                           double(count) / samples[std::size_t(pair.first)],
                           few ? std::to_string(count) : ""});
  return {.title = title,
          .caption =
              "A row for each class, a column for what its samples were taken for. The "
              "darker, the larger the share of the class (by its square root); green: right.",
          .panels = {std::move(panel)},
          .columns = 1,
          .width = few ? std::max(440, 200 + 30 * classes) : 1000};
}

std::string errors_html(const ShownErrors& shown) {
  const bool few = shown.errors.classes <= most_numbers;
  return (few ? paragraph("A row for each class, a column for what its samples were taken for. The "
                          "darker, the larger the share of the class; green: right.") +
                    matrix_table(shown)
              : drawn_html(confusion_figure(shown, "Confusion matrix")) + confusions_html(shown)) +
         classes_html(shown) + mistakes_html(shown);
}

std::string metrics_html(const std::vector<MetricsColumn>& columns) {
  HtmlTable main{.head = {""}, .html_rows = {}}, others;
  std::vector<const Metrics*> all;
  for (const MetricsColumn& column : columns) {
    if (column.metrics == nullptr) continue;
    main.head.push_back(column.name);
    all.push_back(column.metrics);
  }
  others.head = main.head;
  using enum MetricRow::Section;
  const int bins = all.front()->calibration ? all.front()->calibration->bins : 0;
  std::set<std::string> labels;  // of equal ones the first counts, as in metrics_table
  for (const MetricRow& row : metric_rows()) {
    std::string label =
        row.label.empty() ? std::string(row.title) : fmt::format(fmt::runtime(row.label), bins);
    if (row.section == calibration && !label.starts_with("ECE"))
      label.insert(0, "calibration error, ");
    if (row.section == scaled) label.insert(0, "temperature scaling: ");
    std::vector<std::string> cells{escape_html(label)};
    bool any = false;
    for (const Metrics* m : all) {
      const std::optional<double> value = row.get(*m);
      cells.push_back(value ? metric_text(*value, row.unit) : "—");
      any = any || value;
    }
    if (!any || !labels.insert(label).second) continue;
    const bool is_main = row.section == general || row.column == "ece";
    (is_main ? main : others).html_rows.push_back(std::move(cells));
  }
  return to_html(main) + "<details>\n<summary>Everything that was measured</summary>\n" +
         to_html(others) + "</details>\n";
}

}  // namespace experiments
