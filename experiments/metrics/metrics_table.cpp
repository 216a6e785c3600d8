// SPDX-License-Identifier: MIT
#include "experiments/metrics/metrics_table.h"

#include <fmt/format.h>

namespace experiments {

namespace {

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("{:<34}{:>10}\n", name, value);
}
std::string percent(double x) { return fmt::format("{:.2f} %", 100 * x); }
std::string number(double x) { return fmt::format("{:.4f}", x); }

std::string entropy_row(const std::string& name, const std::optional<double>& h, bool all_equal) {
  return row("  " + name, h ? number(*h) : all_equal ? "-inf (all equal)" : "-inf (ties)");
}

std::string calibration_rows(double ece, const Calibration& c) {
  std::string text = "\ncalibration error\n";
  text += row(fmt::format("  ECE, {} bins", c.bins), percent(ece));
  if (c.bins != 10) text += row("  ECE, 10 bins", percent(c.ece_10));
  if (c.bins != 20) text += row("  ECE, 20 bins", percent(c.ece_20));
  text += row(fmt::format("  adaptive, {} bins", c.bins), percent(c.adaptive_ece));
  text += row(fmt::format("  classwise, {} bins", c.bins), percent(c.classwise_ece));
  return text + row(fmt::format("  largest of {} bins", c.bins), percent(c.mce));
}

std::string scaled_rows(const TemperatureScaled& s) {
  std::string text = row("  T", number(s.temperature));
  if (s.at_lowest()) text += "  its lower bound, as all held-out samples are right: not fitted\n";
  if (s.at_highest())
    text += "  its upper bound, as all outputs are no better than chance: not fitted\n";
  if (s.nll) text += row("  NLL (nats)", number(*s.nll));
  if (s.ece) text += row("  ECE", percent(*s.ece));
  return text;
}

std::string reliability_rows(const std::vector<ReliabilityBin>& bins) {
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

std::string metrics_table(const Metrics& m) {
  std::string text = row("accuracy", percent(m.accuracy)) + row("NLL (nats)", number(m.nll));
  if (m.brier) text += row("Brier score", number(*m.brier));
  text += row("predictive uncertainty (nats)", number(m.predictive_uncertainty));
  text += row("mean probability of the true class", number(m.mean_p_true));
  if (m.calibration) text += calibration_rows(m.ece, *m.calibration);
  if (m.scaled) {
    text += "\nafter temperature scaling\n" + scaled_rows(*m.scaled);
  }

  const ConfidenceDiversity& d = m.diversity;
  text += "\nconfidence diversity (nats)\n";
  for (std::size_t i = 0; i < d.k.size(); ++i)
    text += entropy_row(fmt::format("neighbours, k = {}", d.k[i]), d.entropy[i], d.all_equal);
  if (d.spacing > 0)
    text += entropy_row(fmt::format("Vasicek, m = {}", d.spacing), d.vasicek, d.all_equal);
  text += row("  share of ties", percent(d.tie_share)) +
          row("  variance of the confidence", fmt::format("{:.4g}", d.variance));
  if (m.calibration) text += reliability_rows(m.calibration->reliability);
  return text;
}

}  // namespace experiments
