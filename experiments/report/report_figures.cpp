// SPDX-License-Identifier: MIT
#include "experiments/report/report_figures.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/system/wrap_text.h"
#include "experiments/analysis/words.h"
#include "experiments/runs/logs/epoch_log.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

/// So many that no title is higher than two lines, 2 at least.
int columns_for(const std::vector<Panel>& panels) {
  struct Layout {
    int columns, width;  // of a line, in characters
  };
  const int count = std::max(1, int(panels.size()));
  for (const Layout& layout : {Layout{4, 18}, Layout{3, 27}})
    if (std::ranges::all_of(
            panels, [&](const Panel& p) { return wrap_text(p.title, layout.width).size() <= 2; }))
      return std::min(count, layout.columns);
  return std::min(count, 2);
}

// A value of an epoch, and what its curve is called.
struct Column {
  double EpochRecord::*value;
  const char* label;
};

Curve curve_by_epoch(const std::vector<EpochRecord>& records, const Column& column, double scale) {
  Curve curve;
  curve.label = column.label;
  for (const EpochRecord& record : records) {
    if (const double last = curve.x.empty() ? 0 : curve.x.back(); record.epoch > last + 1) {
      curve.x.push_back(last + 1);  // rows are lost: a gap
      curve.y.emplace_back();
    }
    curve.x.push_back(record.epoch);
    const double value = scale * record.*column.value;
    curve.y.push_back(std::isfinite(value) ? std::optional(value) : std::nullopt);
  }
  return curve;
}

Figure by_epoch(const fs::path& directory, std::span<const FinishedRun> measured, Figure figure,
                const char* y_label, double scale, std::initializer_list<Column> columns) {
  for (const SeedGroup& group : seed_groups(measured)) {
    Panel panel{factors_text(group.factors), "epoch", y_label, {}};
    for (const FinishedRun* run : group.runs) {
      const fs::path folder = directory / run->name;
      if (!fs::exists(folder / run_files::epochs)) continue;
      const std::vector<EpochRecord> records = read_epochs(folder);
      for (const Column& column : columns)
        panel.curves.push_back(curve_by_epoch(records, column, scale));
    }
    if (panel.curves.empty()) continue;
    if (scale == 100) panel.range = from(0, 100);
    panel.log_y = scale == 1;  // a loss is large at first, and all that matters comes later
    figure.panels.push_back(std::move(panel));
  }
  figure.columns = columns_for(figure.panels);
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
    Panel panel{factors_text(group.factors), "confidence", "accuracy", {Curve()}};
    Curve& curve = panel.curves.front();
    for (const ReliabilityBin& bin : bins) {
      panel.shares.push_back(double(bin.count) / samples);
      if (bin.count == 0) continue;
      curve.x.push_back(bin.confidence);
      curve.y.emplace_back(bin.accuracy);
    }
    figure.panels.push_back(std::move(panel));
  }
  figure.columns = columns_for(figure.panels);
  return figure;
}

Figure forest_figure(std::span<const JudgedClaim> claims) {
  Figure figure{.title = "Paired differences of the claims",
                .caption =
                    "Thick: 95 % interval of each comparison alone; thin: adjusted by Holm's "
                    "procedure over all comparisons of the claims. Grey: differences that "
                    "count as none, by the smallest margin of the panel.",
                .panels = {},
                .columns = 1};
  for (const JudgedClaim& claim : claims)
    for (const JudgedComparison& c : claim.comparisons) {
      if (!c.difference) continue;
      const bool correlates = !c.comparison.with.empty();
      const Metric& q = metric(c.comparison.metric);
      std::string title =
          correlates ? "Rank correlation with " + q.title : "Difference in " + q.title;
      if (q.is_share()) title.replace(title.rfind("(%)"), 3, correlates ? "" : "(points)");
      auto panel = std::ranges::find(figure.panels, title, &Panel::title);
      if (panel == figure.panels.end()) {
        figure.panels.push_back({.title = title, .x_label = "", .y_label = "", .curves = {}});
        panel = figure.panels.end() - 1;
      }
      const double mean = c.difference->mean, half = c.difference->half_width,
                   adjusted = c.difference->half_width_at(c.adjusted_level);
      Estimate row{correlates ? metric(c.comparison.with).title : c.sides(),
                   mean,
                   mean - half,
                   mean + half,
                   mean - adjusted,
                   mean + adjusted};
      if (correlates)
        for (double* end : {&row.low, &row.high, &row.adjusted_low, &row.adjusted_high})
          *end = std::clamp(*end, -1.0, 1.0);
      if (std::ranges::find(panel->estimates, row.label, &Estimate::label) !=
          panel->estimates.end())
        continue;  // of two claims
      panel->estimates.push_back(row);
      if (c.margin)
        panel->margin = panel->margin > 0 ? std::min(panel->margin, *c.margin) : *c.margin;
    }
  return figure;
}

Figure accuracy_by_epoch(const fs::path& directory, std::span<const FinishedRun> measured) {
  return by_epoch(directory, measured, {.title = "Accuracy by epoch", .caption = {}, .panels = {}},
                  "accuracy (%)", 100,
                  {{&EpochRecord::train_accuracy, "training, as augmented"},
                   {&EpochRecord::val_accuracy, "validation"}});
}

Figure loss_by_epoch(const fs::path& directory, std::span<const FinishedRun> measured) {
  return by_epoch(
      directory, measured,
      {.title = "Loss by epoch",
       .caption = "The training loss is each method's own, so its values compare within a panel "
                  "only.",
       .panels = {}},
      "nats", 1,
      {{&EpochRecord::train_loss, "training loss"}, {&EpochRecord::val_nll, "validation NLL"}});
}

}  // namespace experiments
