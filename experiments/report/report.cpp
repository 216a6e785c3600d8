// SPDX-License-Identifier: MIT
#include "experiments/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/process/progress.h"
#include "engine/system/files.h"
#include "experiments/analysis/image_sampling.h"
#include "experiments/analysis/words.h"
#include "experiments/report/html.h"
#include "experiments/report/report_figures.h"
#include "experiments/report/report_parts.h"
#include "experiments/runs/logs/epoch_log.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

constexpr auto main_metrics =
    std::to_array<std::string_view>({"test_accuracy", "test_nll", "test_ece",
                                     "train_predictive_uncertainty", "train_confidence_diversity"});

// As many decimals as show two digits of the interval, or four digits of a number without one.
std::string number(double x, double half_width, bool sign = false, bool with_interval = true) {
  if (half_width < 1e-12 * std::abs(x)) half_width = 0;  // rounding of equal values
  const double size = half_width > 0 ? half_width : std::abs(x);
  const int digits = half_width > 0 ? 2 : 4;
  const int decimals =
      size > 0 ? std::clamp(digits - 1 - int(std::floor(std::log10(size))), 0, 9) : 1;
  std::string text = fmt::format("{:.{}f}", std::abs(x), decimals);
  text = (x < 0 ? "−" : sign ? "+" : "") + text;
  return half_width > 0 && with_interval ? fmt::format("{} ± {:.{}f}", text, half_width, decimals)
                                         : text;
}

std::string verdict_html(Verdict verdict) {
  const std::string text = name_of(verdict);
  const char* mark = verdict == Verdict::held         ? "✓"
                     : verdict == Verdict::not_held   ? "✗"
                     : verdict == Verdict::equivalent ? "≈"
                                                      : "?";
  std::string kind = text;
  std::ranges::replace(kind, ' ', '-');
  return fmt::format("<span class=\"verdict {}\">{} {}</span>", kind, mark, text);
}

std::string p_text(double p) { return p < 0.001 ? "&lt; 0.001" : fmt::format("{:.3f}", p); }

/// A row of a claim's table: a comparison, or what stands beside one.
std::vector<std::string> comparison_row(const JudgedComparison& c, bool is_beside) {
  std::string verdict = verdict_html(c.verdict);
  if (!c.reason.empty())
    verdict += fmt::format(" <span class=\"note\">{}</span>", escape_html(c.reason));
  std::vector<std::string> row = {
      is_beside ? "<span class=\"note\">the same by</span>" : escape_html(c.sides()),
      escape_html(c.claim()), verdict};
  if (!c.difference) {
    row.resize(9, "—");
    return row;
  }
  const Interval& d = *c.difference;
  const auto effect = hedges_g(d);
  row.insert(row.end(),
             {number(d.mean, d.half_width, true), p_text(c.p), p_text(c.p_holm),
              p_text(c.p_benjamini_hochberg), effect ? number(*effect, 0.1, true, false) : "—",
              std::to_string(d.count)});
  return row;
}

std::string claims_html(const std::vector<JudgedClaim>& claims, bool over_images) {
  if (claims.empty()) return {};
  const auto number_of = [&](Verdict v) {
    return std::ranges::count(claims, v, &JudgedClaim::verdict);
  };
  std::string html = "<h2>What the paper says, on these runs</h2>\n";
  html += fmt::format("<p>{} held, {} not held, {} equivalent, {} undecided.</p>\n",
                      number_of(Verdict::held), number_of(Verdict::not_held),
                      number_of(Verdict::equivalent), number_of(Verdict::undecided));
  html += paragraph(fmt::format(
      "Differences are paired: runs of the same seed share what the seed decides. Those of "
      "percentages are in points. Intervals (95 %, t) and p are of each comparison alone, {}; "
      "then p adjusted over all comparisons of this page by Holm and by Benjamini and Hochberg. A "
      "comparison is decided if Holm's is below 0.05. It is equivalent if two one-sided tests, "
      "adjusted likewise, put it within 0.5 points of accuracy, 10 % of an NLL or ECE, 0.1 nats "
      "of uncertainty or diversity. Effect: the difference in standard deviations over seeds "
      "(Hedges' g).",
      over_images ? "over seeds and test images"
                  : "over seeds; the choice of test images, which adds to them, is not in them"));
  html += paragraph(power_text(claims));
  for (const JudgedClaim& j : claims) {
    html +=
        fmt::format("<h3>{} — {} <span class=\"note\">({})</span></h3>\n", verdict_html(j.verdict),
                    escape_html(j.claim.statement), escape_html(j.claim.source));
    HtmlTable table{.head = {"Compared", "Claimed", "Verdict", "Difference", "p", "p, Holm",
                             "p, Benjamini-Hochberg", "Effect", "Pairs"},
                    .html_rows = {},
                    .text_columns = 3};
    for (const JudgedComparison& c : j.comparisons) {
      table.html_rows.push_back(comparison_row(c, false));
      for (const JudgedComparison& other : c.beside)
        table.html_rows.push_back(comparison_row(other, true));
    }
    html += to_html(table);
  }
  return html;
}

// The factors of a row, and its cells after those.
struct FactorRow {
  Json factors;
  std::vector<std::string> cells;
};

// A column for each factor that a row has, then those of `head`.
std::string factor_table(const std::vector<FactorRow>& rows, const std::vector<std::string>& head) {
  HtmlTable table;
  std::vector<std::string> factors;
  for (const FactorRow& row : rows)
    for (const auto& [key, value] : row.factors.items())
      if (std::ranges::find(factors, key) == factors.end()) factors.push_back(key);
  table.text_columns = factors.size();
  table.head = factors;
  for (std::string& name : table.head) std::ranges::replace(name, '_', ' ');
  table.head.insert(table.head.end(), head.begin(), head.end());
  for (const FactorRow& row : rows) {
    auto& cells = table.html_rows.emplace_back();
    for (const std::string& key : factors)
      cells.push_back(row.factors.contains(key) ? escape_html(value_words(key, row.factors[key]))
                                                : "");
    cells.insert(cells.end(), row.cells.begin(), row.cells.end());
  }
  return to_html(table);
}

// A row for each group of repeats; metrics that none has are left out.
std::string means_table(const std::vector<SeedGroup>& groups, std::span<const Metric> chosen) {
  std::vector<FactorRow> rows;
  std::vector<std::string> head;
  for (const SeedGroup& group : groups) rows.push_back({group.factors, {}});
  for (const Metric& q : chosen) {
    if (std::ranges::none_of(groups, [&](const auto& g) { return g.interval_of(q).has_value(); }))
      continue;
    head.emplace_back(q.title);
    for (std::size_t r = 0; r < groups.size(); ++r) {
      const auto i = groups[r].interval_of(q);
      rows[r].cells.push_back(i ? number(i->mean * q.scale, i->half_width * q.scale) : "—");
    }
  }
  head.emplace_back("seeds");
  for (std::size_t r = 0; r < groups.size(); ++r)
    rows[r].cells.push_back(std::to_string(groups[r].runs.size()));
  return factor_table(rows, head);
}

std::string means_html(std::span<const FinishedRun> measured, const ImageSampling* images) {
  const std::vector<SeedGroup> groups = seed_groups(measured);
  std::vector<Metric> main;
  for (const std::string_view key : main_metrics) main.push_back(metric(key));
  return "<h2>Means</h2>\n" +
         paragraph(
             fmt::format("Mean ± 95 % interval ({}). A dash: not measured, or minus infinity.",
                         means_over(images))) +
         means_table(groups, main) +
         "<details>\n<summary>Everything that was measured</summary>\n" +
         means_table(groups, all_metrics()) + "</details>\n";
}

std::string differences_html(std::span<const FinishedRun> measured, const ImageSampling* images) {
  std::vector<FactorRow> rows;
  std::vector<std::string> head;
  for (const std::string_view key : main_metrics) head.emplace_back(metric(key).title);
  for (const Difference& d : paired_differences(measured, images)) {
    const auto column = std::ranges::find(main_metrics, d.metric->key);
    if (column == main_metrics.end()) continue;
    Json about = d.factors;
    about["less that of"] = value_words("method", d.against);
    if (rows.empty() || rows.back().factors != about)
      rows.push_back({about, std::vector<std::string>(main_metrics.size(), "—")});
    rows.back().cells[std::size_t(column - main_metrics.begin())] =
        number(d.interval.mean * d.metric->scale, d.interval.half_width * d.metric->scale, true);
  }
  if (rows.empty()) return {};
  return paragraph(
             "Mean ± 95 % interval (t) of what a run has more than that of cross entropy or label "
             "smoothing with the same seed. Those of percentages are in points. differences.csv "
             "has all metrics, and p values, raw and adjusted over the differences of a metric.") +
         factor_table(rows, head);
}

std::string runs_html(const fs::path& directory, std::span<const FinishedRun> measured) {
  HtmlTable table{
      .head = {"run", "device", "commit", "threads", "best epoch", "epochs", "seconds", "images/s"},
      .html_rows = {},
      .text_columns = 3};
  double seconds = 0;
  for (const FinishedRun& run : measured) {
    const Json where = provenance_in(directory / run.name);  // which may be of other machines
    const auto text = [&](const char* key) {
      return where.contains(key) ? escape_html(plain_text(where[key])) : "";
    };
    const RunResult& r = run.result;
    seconds += r.seconds;
    table.html_rows.push_back({escape_html(run.name), text("device"), text("commit"),
                               text("threads"), std::to_string(r.best_epoch),
                               std::to_string(r.epochs), fmt::format("{:.0f}", r.seconds),
                               fmt::format("{:.0f}", r.images_per_second)});
  }
  return paragraph(
             fmt::format("{} run{}, {} of training and measuring in all. Each has a folder of "
                         "its name, where {} grows by a row with every epoch: {}.",
                         measured.size(), measured.size() == 1 ? "" : "s", duration_text(seconds),
                         run_files::epochs, epoch_columns())) +
         to_html(table);
}

std::string setting_html(const Report& report) {
  std::string html = paragraph(report.setting, "setting");
  if (!report.reduced.empty())
    html += fmt::format(
        "<p class=\"reduced\"><strong>A reduced setting, not the paper's.</strong> {}</p>\n",
        escape_html(report.reduced));
  return html;
}

std::string training_html(const fs::path& directory, std::span<const FinishedRun> runs) {
  return section("Training", figure_html(accuracy_by_epoch(directory, runs)) +
                                 figure_html(loss_by_epoch(directory, runs)));
}

}  // namespace

void write_running_report(const fs::path& directory, const Report& report, const std::string& state,
                          std::span<const RunState> states, std::span<const FinishedRun> measured,
                          int refresh) {
  HtmlTable table{.head = {"run", "state"}, .html_rows = {}, .text_columns = 2};
  std::vector<FinishedRun> all;
  for (const RunState& run : states) {
    table.html_rows.push_back({escape_html(run.name), escape_html(run.text)});
    all.push_back({run.name, run.factors, {}});
  }
  std::string html =
      paragraph(fmt::format("{} Written {}.", state, time_text()), "state") + setting_html(report);
  html += section("Runs", to_html(table));
  if (!measured.empty()) html += means_html(measured, nullptr);
  html += training_html(directory, all);
  write_file(directory / report_file, html_page(report.title, html, refresh));
}

void write_report(const fs::path& directory, const Report& report,
                  std::span<const FinishedRun> measured) {
  if (!report.claims.empty()) write_claims(directory, report.claims, report.images != nullptr);
  std::string html = setting_html(report);
  for (const auto& [stem, figure] : report.figures) {
    draw(figure, directory / stem);
    html += figure_html(figure, read_file(directory / (stem + ".svg")));
  }
  html += claims_html(report.claims, report.images != nullptr);
  html += means_html(measured, report.images);
  html += section("Paired differences", differences_html(measured, report.images));
  html += section("Calibration", figure_html(reliability_figure(measured)));
  html += training_html(directory, measured);
  html += section("What ran", runs_html(directory, measured) + settings_html(report.about));
  write_file(directory / report_file, html_page(report.title, html));
}

}  // namespace experiments
