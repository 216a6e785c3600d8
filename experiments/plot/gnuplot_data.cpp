// SPDX-License-Identifier: MIT
#include "experiments/plot/gnuplot_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "experiments/plot/gnuplot_script.h"

namespace experiments {

std::optional<double> value_at(const Curve& curve, std::size_t i) {
  const bool drawn = i < curve.y.size() && curve.y[i] && std::isfinite(*curve.y[i]);
  return drawn ? curve.y[i] : std::nullopt;
}

bool has_value(const Curve& curve, std::size_t i) { return value_at(curve, i).has_value(); }

double half_width_at(const Curve& curve, std::size_t i) {
  return i < curve.half_width.size() && std::isfinite(curve.half_width[i]) ? curve.half_width[i]
                                                                           : 0;
}

bool has_interval(const Curve& curve, std::size_t i) {
  return has_value(curve, i) && half_width_at(curve, i) > 0;
}

bool stands_alone(const Curve& curve, std::size_t i) {
  return has_value(curve, i) && !(i > 0 && has_value(curve, i - 1)) && !has_value(curve, i + 1);
}

std::string panel_data(const Figure& figure, std::size_t index) {
  const Panel& panel = figure.panels[index];
  const std::size_t name = index + 1;
  std::string text;
  const auto line = [&text](fmt::string_view format, const auto&... values) {
    fmt::vformat_to(std::back_inserter(text), format, fmt::make_format_args(values...));
    text += '\n';
  };
  for (const bool wide : {false, true}) {
    if (panel.estimates.empty()) break;
    line("# row, mean, lower end, length; {}", wide ? "adjusted" : "95 %");
    line("$estimates_{}{} << EOD", name, wide ? "_wide" : "");
    for (std::size_t i = 0; i < panel.estimates.size(); ++i) {
      const Estimate& e = panel.estimates[i];
      const double low = wide ? e.adjusted_low : e.low, high = wide ? e.adjusted_high : e.high;
      line("{} {:.10g} {:.10g} {:.10g}", i, e.mean, low, high - low);
    }
    line("EOD");
  }
  if (!panel.cells.empty()) {
    line("# row, column, shade, text");
    line("$cells_{} << EOD", name);
    for (const Cell& c : panel.cells)
      line("{} {} {:.3g} \"{}\"", c.row, c.column,
           (c.row == c.column ? 1 : -1) * std::sqrt(std::clamp(c.share, 0.0, 1.0)), c.text);
    line("EOD");
  }
  const auto within = [&](double y) { return std::clamp(y, panel.range.least, panel.range.most); };
  for (std::size_t c = 0; c < panel.curves.size(); ++c) {
    const Curve& curve = panel.curves[c];
    line("# {}: x, mean, the interval's ends, whether it stands alone",
         gnuplot_string(curve.label));
    line("$mean_{}_{} << EOD", name, c + 1);
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      const auto y = value_at(curve, i);
      const double half = half_width_at(curve, i);
      if (y)
        line("{:.10g} {:.10g} {:.10g} {:.10g} {:d}", curve.x[i], *y, within(*y - half),
             within(*y + half), stands_alone(curve, i));
      else
        line("");  // a gap
    }
    line("EOD");
    line("# x, single run, its place among them from -1/2 to 1/2");
    line("$runs_{}_{} << EOD", name, c + 1);
    for (std::size_t i = 0; i < curve.repeats.size(); ++i) {
      const auto& runs = curve.repeats[i];
      for (std::size_t r = 0; r < runs.size(); ++r)
        if (std::isfinite(runs[r]))
          line("{:.10g} {:.10g} {:.3g}", curve.x[i], runs[r],
               (double(r) + 0.5) / double(runs.size()) - 0.5);
    }
    line("EOD");
  }
  if (!panel.shares.empty()) {
    line("$shares_{} << EOD", name);
    const double width = 1 / double(panel.shares.size());
    for (std::size_t i = 0; i < panel.shares.size(); ++i)
      line("{:.5g} {:.6g} {:.5g}", (double(i) + 0.5) * width, panel.shares[i], width);
    line("EOD");
  }
  return text;
}

}  // namespace experiments
