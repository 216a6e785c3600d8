// SPDX-License-Identifier: MIT
#include "experiments/metrics/metrics_table.h"

#include <fmt/format.h>

#include <set>

#include "experiments/metrics/metric_list.h"

namespace experiments {

namespace {

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("{:<34}{:>10}\n", name, value);
}

/// A line for each number of a section that is there. Of equal labels the first counts: ECE with 15
/// bins is ECE with `bins` bins, if that is 15.
std::string lines_of(const Metrics& m, MetricRow::Section section) {
  const int bins = m.calibration ? m.calibration->bins : 0;
  const char* indent = section == MetricRow::Section::general ? "" : "  ";
  std::set<std::string> labels;
  std::string text;
  for (const MetricRow& row : metric_rows()) {
    const std::optional<double> value = row.get(m);
    const std::string label = fmt::format(fmt::runtime(row.label), bins);
    if (row.section != section || label.empty() || !value || !labels.insert(label).second) continue;
    text += line(indent + label, metric_text(*value, row.unit));
    if (section == MetricRow::Section::scaled && m.scaled->at_lowest())
      text += "  its lower bound, as all held-out samples are right: not fitted\n";
    if (section == MetricRow::Section::scaled && m.scaled->at_highest())
      text += "  its upper bound, as all outputs are no better than chance: not fitted\n";
  }
  return text;
}

std::string entropy_line(const std::string& name, const std::optional<double>& h, bool all_equal) {
  return line("  " + name, h           ? metric_text(*h, MetricRow::Unit::number)
                           : all_equal ? "-inf (all equal)"
                                       : "-inf (ties)");
}

std::string reliability_lines(const std::vector<ReliabilityBin>& bins) {
  std::string text = "\nconfidence         samples    mean   accuracy  accuracy - mean\n";
  for (std::size_t b = 0; b < bins.size(); ++b) {
    const auto& [count, confidence, accuracy] = bins[b];
    if (count == 0) continue;
    text += fmt::format("  {:.3f} to {:.3f} {:>9}{:>8.1f} %{:>9.1f} %{:>+15.1f} %\n",
                        double(b) / double(bins.size()), double(b + 1) / double(bins.size()), count,
                        100 * confidence, 100 * accuracy, 100 * (accuracy - confidence));
  }
  return text;
}

}  // namespace

std::string metric_text(double x, MetricRow::Unit unit) {
  switch (unit) {
    case MetricRow::Unit::share: return fmt::format("{:.2f} %", 100 * x);
    case MetricRow::Unit::small: return fmt::format("{:.4g}", x);
    case MetricRow::Unit::number: break;
  }
  return fmt::format("{:.4f}", x);
}

std::string metrics_table(const Metrics& m) {
  using enum MetricRow::Section;
  std::string text = lines_of(m, general);
  if (m.calibration) text += "\ncalibration error\n" + lines_of(m, calibration);
  if (m.scaled) text += "\nafter temperature scaling\n" + lines_of(m, scaled);

  const ConfidenceDiversity& d = m.diversity;
  text += "\nconfidence diversity (nats)\n";
  for (std::size_t i = 0; i < d.k.size(); ++i)
    text += entropy_line(fmt::format("neighbours, k = {}", d.k[i]), d.entropy[i], d.all_equal);
  if (d.spacing > 0)
    text += entropy_line(fmt::format("Vasicek, m = {}", d.spacing), d.vasicek, d.all_equal);
  text += lines_of(m, diversity);
  if (m.calibration) text += reliability_lines(m.calibration->reliability);
  return text;
}

}  // namespace experiments
