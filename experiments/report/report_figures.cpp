// SPDX-License-Identifier: MIT
#include "experiments/report/report_figures.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "engine/system/files.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

constexpr int most_columns = 4;

// The columns of a log by name; an empty or unsound cell has no value.
using Table = std::map<std::string, std::vector<std::optional<double>>>;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

Table read_table(const fs::path& path) {
  Table table;
  std::istringstream in(read_file(path));
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = cells_of(line);
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = cells_of(line);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto before = names.begin() + std::ptrdiff_t(i);
      if (std::find(names.begin(), before, names[i]) != before) continue;  // columns are as long
      auto& value = table[names[i]].emplace_back();
      double x = 0;
      if (i < cells.size() &&
          std::from_chars(cells[i].data(), cells[i].data() + cells[i].size(), x).ec ==
              std::errc() &&
          std::isfinite(x))
        value = x;
    }
  }
  return table;
}

Curve curve_by_epoch(const Table& table, const std::string& column, double scale,
                     std::string label) {
  Curve curve;
  curve.label = std::move(label);
  if (!table.contains(column) || !table.contains("epoch")) return curve;
  const auto &epochs = table.at("epoch"), &values = table.at(column);
  for (std::size_t row = 0; row < values.size(); ++row) {
    const double last = curve.x.empty() ? 0 : curve.x.back();
    if (!epochs[row] || *epochs[row] <= last) continue;
    if (*epochs[row] > last + 1) {  // rows are lost: a gap
      curve.x.push_back(last + 1);
      curve.y.emplace_back();
    }
    curve.x.push_back(*epochs[row]);
    curve.y.push_back(values[row] ? std::optional(scale * *values[row]) : std::nullopt);
  }
  return curve;
}

struct Column {
  const char *name, *label;
};

Figure by_epoch(const fs::path& directory, std::span<const FinishedRun> measured, Figure figure,
                const char* y_label, double scale, std::initializer_list<Column> columns) {
  for (const SeedGroup& group : seed_groups(measured)) {
    Panel panel{text_of(group.factors), "epoch", y_label, {}};
    for (const FinishedRun* run : group.runs) {
      const fs::path log = directory / run->name / "epochs.csv";
      if (!fs::exists(log)) continue;
      const Table table = read_table(log);
      for (const auto& [name, label] : columns)
        panel.curves.push_back(curve_by_epoch(table, name, scale, label));
    }
    if (panel.curves.empty()) continue;
    figure.panels.push_back(std::move(panel));
  }
  figure.columns = std::clamp(int(figure.panels.size()), 1, most_columns);
  figure.same_y = true;
  return figure;
}

// The bins of all repeats as one sample; none if one of them has no bins, or others.
std::vector<ReliabilityBin> bins_of(const SeedGroup& group) {
  std::vector<ReliabilityBin> sum;
  for (const FinishedRun* run : group.runs) {
    const auto& calibration = run->result.test.calibration;
    if (!calibration) return {};
    const auto& bins = calibration->reliability;
    if (sum.empty()) sum.resize(bins.size());
    if (sum.size() != bins.size()) return {};
    for (std::size_t i = 0; i < bins.size(); ++i) {
      sum[i].count += bins[i].count;
      sum[i].confidence += bins[i].count * bins[i].confidence;
      sum[i].accuracy += bins[i].count * bins[i].accuracy;
    }
  }
  for (ReliabilityBin& bin : sum) {
    bin.confidence /= std::max(bin.count, 1);
    bin.accuracy /= std::max(bin.count, 1);
  }
  return sum;
}

}  // namespace

Figure reliability_figure(std::span<const FinishedRun> measured) {
  Figure figure{.title = "Reliability on test data",
                .caption =
                    "Accuracy of the samples in each bin of confidence, all repeats "
                    "together. On the diagonal confidences are right; below it the network "
                    "is too confident. Grey: share of the samples in each bin.",
                .panels = {}};
  for (const SeedGroup& group : seed_groups(measured)) {
    const std::vector<ReliabilityBin> bins = bins_of(group);
    int samples = 0;
    for (const ReliabilityBin& bin : bins) samples += bin.count;
    if (samples == 0) continue;
    Panel panel{text_of(group.factors), "confidence", "accuracy", {Curve()}};
    Curve& curve = panel.curves.front();
    for (const ReliabilityBin& bin : bins) {
      panel.shares.push_back(double(bin.count) / samples);
      if (bin.count == 0) continue;
      curve.x.push_back(bin.confidence);
      curve.y.emplace_back(bin.accuracy);
    }
    figure.panels.push_back(std::move(panel));
  }
  figure.columns = std::clamp(int(figure.panels.size()), 1, most_columns);
  return figure;
}

Figure accuracy_by_epoch(const fs::path& directory, std::span<const FinishedRun> measured) {
  return by_epoch(directory, measured, {.title = "Accuracy by epoch", .caption = {}, .panels = {}},
                  "accuracy (%)", 100,
                  {{"train_accuracy", "training, as augmented"}, {"val_accuracy", "validation"}});
}

Figure loss_by_epoch(const fs::path& directory, std::span<const FinishedRun> measured) {
  return by_epoch(
      directory, measured,
      {.title = "Loss by epoch",
       .caption = "The training loss is each method's own, so its values compare within a panel "
                  "only.",
       .panels = {}},
      "nats", 1, {{"train_loss", "training loss"}, {"val_nll", "validation NLL"}});
}

}  // namespace experiments
