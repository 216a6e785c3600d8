// SPDX-License-Identifier: MIT
#include "experiments/plot/gnuplot_panel.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "experiments/plot/gnuplot_data.h"
#include "experiments/plot/gnuplot_script.h"
#include "experiments/plot/gnuplot_style.h"

namespace experiments {
namespace {

constexpr double bars_width = 0.8;      // of a group, whose neighbours are 1 away
constexpr std::size_t most_marks = 20;  // of a curve with many points

struct Interval {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
  // With a share of its length to spare on both sides, or `least` where it has none but rounding.
  Interval padded(double share, double least) const {
    if (empty()) return {0, 1};
    const double rounding = 1e-9 * std::max(std::abs(low), std::abs(high));
    const double pad = high - low > rounding ? share * (high - low) : least;
    return {low - pad, high + pad};
  }
};

bool anywhere(const Curve& curve, bool (*holds)(const Curve&, std::size_t)) {
  for (std::size_t i = 0; i < curve.x.size(); ++i)
    if (holds(curve, i)) return true;
  return false;
}

bool has_repeats(const Curve& curve) {
  return std::ranges::any_of(curve.repeats, [](const auto& runs) { return !runs.empty(); });
}

// All that the axes have to show.
struct Extent {
  Interval x, y;
  bool whole_x = true;

  Extent(const Figure& figure, std::size_t index) {
    const Panel& panel = figure.panels[index];
    if (!panel.estimates.empty()) {
      add_estimates(panel);
      return;
    }
    add_x(panel);
    if (figure.same_y)
      for (const auto& other : figure.panels) add_y(other);
    else
      add_y(panel);
  }

 private:
  void add_x(const Panel& panel) {
    for (const auto& curve : panel.curves) {
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        x.add(curve.x[i]);
        whole_x = whole_x && curve.x[i] == std::round(curve.x[i]);
      }
    }
  }

  void add_estimates(const Panel& panel) {
    for (const Estimate& e : panel.estimates) {
      x.add(e.adjusted_low);
      x.add(e.adjusted_high);
    }
    for (const double edge : {-panel.margin, panel.margin}) x.add(edge);
    y.add(-0.6);  // rows are 0, -1, ...
    y.add(double(panel.estimates.size()) - 0.4);
    whole_x = false;
  }

  void add_y(const Panel& panel) {
    for (const auto& curve : panel.curves) {
      for (std::size_t i = 0; i < curve.x.size(); ++i)
        if (const auto v = value_at(curve, i)) {
          y.add(*v - half_width_at(curve, i));
          y.add(*v + half_width_at(curve, i));
        }
      for (const auto& runs : curve.repeats)
        for (const double v : runs) y.add(v);
    }
    if (!y.empty())
      for (const auto& level : panel.levels) y.add(level.y);
  }
};

// The least of 1, 2, 5, 10, 20, ... that is not below `least`.
double whole_step(double least) {
  for (double step = 1;; step *= 10)
    for (const double times : {1, 2, 5})
      if (times * step >= least) return times * step;
}

std::size_t index_in(const std::vector<std::string>& labels, const std::string& label) {
  return std::size_t(std::ranges::find(labels, label) - labels.begin());
}

void add_once(std::vector<std::string>& labels, const std::string& label) {
  if (!label.empty() && index_in(labels, label) == labels.size()) labels.push_back(label);
}

class PanelScript : ScriptText {
 public:
  PanelScript(const Figure& figure, std::size_t index, const Key& key)
      : panel_(figure.panels[index]),
        name_(index + 1),
        key_(key),
        extent_(figure, index),
        cut_(is_cut(figure, index)) {}

  std::string commands(const std::vector<Tick>& ticks, int most_ticks, double text_size) {
    if (!panel_.names.empty()) {
      matrix(ticks, text_size);
      return std::move(text_);
    }
    if (extent_.y.empty())
      line("set label 'no values' at graph 0.5,0.5 center textcolor rgb '#666666'");
    ranges();
    if (!ticks.empty()) {
      line("set xtics ({}){}", ticks_text(ticks), panel_.categories.empty() ? "" : " scale 0");
    } else if (extent_.whole_x && !extent_.x.empty() && panel_.shares.empty()) {
      const double step = whole_step((extent_.x.high - extent_.x.low) / most_ticks);
      line("set xtics {:.12g},{:g}", std::ceil(extent_.x.low / step) * step, step);
    }
    line("set tics nomirror textcolor rgb '#303030' font ',{:g}'", text_size - 1);
    line("set format '%g'");
    line("set minussign");
    line("set border 3 lc rgb '#808080'");
    line("set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back");
    if (!panel_.categories.empty()) line("set grid noxtics");
    if (!panel_.estimates.empty()) line("set grid noytics");
    line("set errorbars 0");
    line("unset key");
    levels();
    if (panel_.estimates.empty())
      plot();
    else
      forest();
    return std::move(text_);
  }

 private:
  void ranges() {
    Interval across = extent_.x.padded(0.04, 0.5);
    Interval up = extent_.y.padded(0.07, extent_.y.high == 0 ? 1 : 0.05 * std::abs(extent_.y.high));
    if (!panel_.categories.empty()) {
      across = {-0.5, double(panel_.categories.size()) - 0.5};
      if (extent_.y.low < 0) up.high = std::max(up.high, 0.0);
      if (extent_.y.low >= 0 && !cut_) up.low = 0;
    }
    up = {std::max(up.low, panel_.range.least), std::min(up.high, panel_.range.most)};
    if (panel_.log_x && !extent_.x.empty()) {
      const double pad = std::pow(extent_.x.high / extent_.x.low, 0.04);
      across = {extent_.x.low / (pad > 1 ? pad : 2), extent_.x.high * (pad > 1 ? pad : 2)};
      line("set logscale x 10");
      line("unset mxtics");
    }
    if (panel_.log_y && !extent_.y.empty() && extent_.y.low > 0) {
      const double pad = std::max(std::pow(extent_.y.high / extent_.y.low, 0.07), 1.05);
      up = {extent_.y.low / pad, extent_.y.high * pad};
      line("set logscale y 10");
      line("unset mytics");
      line("set ytics ({})", ticks_text(log_ticks(up.low, up.high)));
    }
    if (!panel_.shares.empty()) {
      across = up = {0, 1};
      line("set arrow from 0,0 to 1,1 nohead lw 1 dt 2 lc rgb '#606060'");
    }
    if (!panel_.estimates.empty()) up = {extent_.y.high, extent_.y.low};  // the first on top
    line("set xrange [{:.12g}:{:.12g}]", across.low, across.high);
    line("set yrange [{:.12g}:{:.12g}]", up.low, up.high);
  }

  void levels() {
    for (const auto& level : panel_.levels) {
      if (!std::isfinite(level.y)) continue;
      line("set arrow from graph 0,first {0:.10g} to graph 1,first {0:.10g} nohead lw 1.5 \\",
           level.y);
      line("  {} back", level_look(index_in(key_.levels, level.label)));
    }
  }

  // The rows' labels are ticks of the y axis.
  void forest() {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < panel_.estimates.size(); ++i)
      rows.push_back(fmt::format("{} {}", gnuplot_tick(panel_.estimates[i].label), i));
    line("set ytics ({}) scale 0", fmt::join(rows, ", "));
    if (panel_.margin > 0)
      line(
          "set object rectangle from {:.10g}, graph 0 to {:.10g}, graph 1 fs solid 1 noborder fc "
          "rgb '#ececec' behind",
          -panel_.margin, panel_.margin);
    line("set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 lc rgb '#606060' back");
    const std::string data = fmt::format("$estimates_{}", name_);
    const auto [colour, mark] = style_of(0);
    line("plot {0} using 3:1:4:(0) with vectors nohead lw 1 lc rgb '#{1}', \\", data + "_wide",
         colour);
    line("  {0} using 3:1:4:(0) with vectors nohead lw 3 lc rgb '#{1}', \\", data, colour);
    line("  {0} using 2:1 with points pt {1} ps 0.9 lc rgb '#{2}'", data, mark, colour);
  }

  // Shades are less than 0 beside the diagonal.
  void matrix(const std::vector<Tick>& ticks, double text_size) {
    const double end = double(panel_.names.size()) - 0.5;
    line("set xrange [-0.5:{:g}]", end);
    line("set yrange [{:g}:-0.5]", end);
    line("set xtics ({}) scale 0 rotate by 90 right", ticks_text(ticks));
    line("set ytics ({}) scale 0", ticks_text(ticks));
    line("set tics textcolor rgb '#303030' font ',{:.3g}'", text_size - 1);
    line("set border 15 lc rgb '#808080'");
    line("unset key");
    line("unset colorbox");
    line("set palette defined (-1 '#CC4E00', 0 '#FFFFFF', 1 '#00664A')");
    line("set cbrange [-1:1]");
    const std::string data = fmt::format("$cells_{}", name_);
    line("plot {} using 2:1:(0.5):(0.5):3 with boxxyerror fs solid 1 noborder fc palette, \\",
         data);
    line(
        "  {} using 2:1:4:(abs($3) > 0.6 ? 0xffffff : 0) with labels tc rgb variable font "
        "',{:.3g}'",
        data, text_size - 1);
  }

  // At 1, 2 and 5 of each power of ten, or at every power where those are many.
  static std::vector<Tick> log_ticks(double low, double high) {
    std::vector<Tick> ticks;
    const bool many = high > 200 * low;
    for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10)
      for (const double times : {1, 2, 5})
        if (const double at = times * power; at >= low && at <= high && (times == 1 || !many))
          ticks.push_back({at, fmt::format("{:g}", at)});
    return ticks;
  }

  static std::string ticks_text(const std::vector<Tick>& ticks) {
    std::vector<std::string> named;
    for (const auto& tick : ticks)
      named.push_back(fmt::format("{} {:.12g}", gnuplot_tick(tick.label), tick.x));
    return fmt::format("{}", fmt::join(named, ", "));
  }

  std::size_t index_in_key(std::size_t curve) const {
    const std::string& label = panel_.curves[curve].label;
    return label.empty() ? curve : index_in(key_.curves, label);
  }

  std::string data_name(std::size_t curve) const { return fmt::format("{}_{}", name_, curve + 1); }

  void plot() {
    std::vector<std::string> behind, front;  // so that no band hides another curve's line
    if (!panel_.shares.empty())
      behind.push_back(fmt::format(
          "$shares_{} using 1:2:3 with boxes fs solid 1 noborder lc rgb '#d0d0d0'", name_));
    for (std::size_t c = 0; c < panel_.curves.size(); ++c) {
      if (!anywhere(panel_.curves[c], has_value)) continue;
      if (panel_.categories.empty())
        curve(c, behind, front);
      else
        bars(c, behind, front);
    }
    behind.insert(behind.end(), front.begin(), front.end());
    line("plot {}", behind.empty() ? "NaN" : fmt::format("{}", fmt::join(behind, ", \\\n  ")));
  }

  void curve(std::size_t c, std::vector<std::string>& behind, std::vector<std::string>& front) {
    const Curve& curve = panel_.curves[c];
    const auto [colour, mark] = style_of(index_in_key(c));
    const std::string name = data_name(c);
    if (anywhere(curve, has_interval))
      behind.push_back(
          fmt::format("$mean_{} using 1:3:4 with filledcurves fs transparent solid 0.18 "
                      "noborder lc rgb '#{}'",
                      name, colour));
    if (anywhere(curve, stands_alone))
      behind.push_back(
          fmt::format("$mean_{} using ($5 == 1 ? $1 : NaN):3:(0):($4 - $3) with vectors nohead "
                      "lw 1.2 lc rgb '#{}'",
                      name, colour));
    if (has_repeats(curve))
      front.push_back(
          fmt::format("$runs_{} using 1:2 with points pt 7 ps 0.35 lc rgb '#90{}'", name, colour));
    if (is_repeat(c))
      front.push_back(fmt::format("$mean_{} using 1:2 with lines lw 1 lc rgb '#{}'", name, colour));
    else
      front.push_back(
          fmt::format("$mean_{} using 1:2 with linespoints lw 1.8 pt {} pi {} ps 0.7 lc rgb '#{}'",
                      name, mark, (curve.x.size() + most_marks - 1) / most_marks, colour));
  }

  // Of curves with the same label only the first has marks.
  bool is_repeat(std::size_t c) const {
    const auto end = panel_.curves.begin() + std::ptrdiff_t(c);
    const std::string& label = panel_.curves[c].label;
    return !label.empty() &&
           std::ranges::find(panel_.curves.begin(), end, label, &Curve::label) != end;
  }

  void bars(std::size_t c, std::vector<std::string>& behind, std::vector<std::string>& front) {
    const Curve& curve = panel_.curves[c];
    const std::string name = data_name(c);
    const double width = bars_width / double(panel_.curves.size());
    const double shift = (double(c) - 0.5 * double(panel_.curves.size() - 1)) * width;
    if (cut_) return points(c, shift, width, front);
    behind.push_back(fmt::format("$mean_{} using ($1 + {:.5g}):2:({:.5g}) with boxes {}", name,
                                 shift, width, bar_look(index_in_key(c))));
    // Each with a white edge, as bars are dark or light.
    if (anywhere(curve, has_interval))
      for (const char* look : {"lw 3.5 lc rgb '#ffffff'", "lw 1.5 lc rgb '#000000'"})
        front.push_back(
            fmt::format("$mean_{} using ($1 + {:.5g}):3:(0):($4 - $3) with vectors nohead {}", name,
                        shift, look));
    if (has_repeats(curve))
      for (const char* look : {"ps 0.45 lc rgb '#ffffff'", "ps 0.32 lc rgb '#404040'"})
        front.push_back(single_runs(c, shift, width, look));
  }

  // Where the axis is cut: a bar's length would say what it is not.
  void points(std::size_t c, double shift, double width, std::vector<std::string>& front) {
    const Curve& curve = panel_.curves[c];
    const std::string name = data_name(c);
    const auto [colour, mark] = style_of(index_in_key(c));
    if (has_repeats(curve))
      front.push_back(single_runs(c, shift, width, fmt::format("ps 0.4 lc rgb '#80{}'", colour)));
    if (anywhere(curve, has_interval))
      front.push_back(
          fmt::format("$mean_{} using ($1 + {:.5g}):3:(0):($4 - $3) with vectors nohead lw 2 lc "
                      "rgb '#{}'",
                      name, shift, colour));
    for (const auto& look :
         {std::string("ps 1.4 lc rgb '#ffffff'"), fmt::format("ps 1.1 lc rgb '#{}'", colour)})
      front.push_back(fmt::format("$mean_{} using ($1 + {:.5g}):2 with points pt {} {}", name,
                                  shift, mark, look));
  }

  std::string single_runs(std::size_t c, double shift, double width, std::string_view look) const {
    return fmt::format("$runs_{} using ($1 + {:.5g} + {:.5g}*$3):2 with points pt 7 {}",
                       data_name(c), shift, 0.8 * width, look);
  }

  const Panel& panel_;
  const std::size_t name_;
  const Key& key_;
  const Extent extent_;
  const bool cut_;
};

}  // namespace

Key::Key(const Figure& figure) {
  for (const auto& panel : figure.panels) {
    for (const auto& curve : panel.curves) add_once(curves, curve.label);
    for (const auto& level : panel.levels) add_once(levels, level.label);
  }
}

std::vector<Tick> named_ticks(const Panel& panel) {
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < panel.categories.size(); ++i)
    ticks.push_back({double(i), panel.categories[i]});
  if (panel.log_x) {
    std::set<double> all_x;
    for (const auto& curve : panel.curves) all_x.insert(curve.x.begin(), curve.x.end());
    for (const double x : all_x) ticks.push_back({x, fmt::format("{:g}", x)});
  }
  return ticks;
}

bool is_cut(const Figure& figure, std::size_t index) {
  const Interval y = Extent(figure, index).y;
  return !figure.panels[index].categories.empty() && !y.empty() && y.low > 0.5 * y.high;
}

std::string panel_commands(const Figure& figure, std::size_t index, const Key& key,
                           const std::vector<Tick>& ticks, int most_ticks, double text_size) {
  return PanelScript(figure, index, key).commands(ticks, most_ticks, text_size);
}

}  // namespace experiments
