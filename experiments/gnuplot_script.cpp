// SPDX-License-Identifier: MIT
#include "experiments/gnuplot_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "experiments/wrap_text.h"

namespace experiments {
namespace {

// All lengths are points on a page of this width; the PNG shows it on png_width pixels.
constexpr double page_width = 800, png_width = 1600;
constexpr double panel_height = 210, margin = 14;
constexpr double title_size = 15, panel_title_size = 12, text_size = 11, caption_size = 9;
constexpr double line_height = 1.4;       // of the size
constexpr double character_width = 0.56;  // of the size: the mean of a wide font, DejaVu Sans
constexpr double key_sample = 22;         // length of a key entry's line

// Okabe and Ito's colours, which the colour-blind tell apart, without the yellow (faint on white);
// and a mark for each: filled circle, square, triangle, diamond, triangle on its tip, pentagon.
constexpr std::array colours = {"0072B2", "D55E00", "009E73", "CC79A7",
                                "E69F00", "56B4E9", "000000"};
constexpr std::array marks = {7, 5, 9, 13, 11, 15};

using Lines = std::vector<std::string>;

Lines wrap(const std::string& text, double width, double size) {
  return wrap_text(text, std::max(1, int(width / (character_width * size))));
}

double height_of(const Lines& lines, double size) {
  return double(lines.size()) * line_height * size;
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
  // With a share of its length to spare on both sides, or `least` where it has no length.
  Range padded(double share, double least) const {
    if (empty()) return {0, 1};
    const double pad = high > low ? share * (high - low) : least;
    return {low - pad, high + pad};
  }
};

// The value at x[i], if there is one that can be drawn.
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

// A band needs two neighbours: where a value stands alone its interval is drawn as a bar.
bool stands_alone(const Curve& curve, std::size_t i) {
  return has_value(curve, i) && !(i > 0 && has_value(curve, i - 1)) && !has_value(curve, i + 1);
}

bool anywhere(const Curve& curve, bool (*holds)(const Curve&, std::size_t)) {
  for (std::size_t i = 0; i < curve.x.size(); ++i)
    if (holds(curve, i)) return true;
  return false;
}

// A place is given in points from the upper left corner of the page.
class Script {
 public:
  explicit Script(const Figure& figure) : figure_(figure) {
    for (const auto& panel : figure.panels)
      for (const auto& curve : panel.curves)
        if (!curve.label.empty() && std::ranges::find(labels_, curve.label) == labels_.end())
          labels_.push_back(curve.label);
    lay_out();
  }

  std::string write(const std::string& name) {
    line("# gnuplot {}.gnuplot draws {}.svg and {}.png", name, name, name);
    line("if (!exists('stem')) stem = {}", gnuplot_string(name));
    line("set encoding utf8");
    for (std::size_t p = 0; p < figure_.panels.size(); ++p)
      for (std::size_t c = 0; c < figure_.panels[p].curves.size(); ++c)
        data(figure_.panels[p].curves[c], data_name(p, c));
    line("do for [kind in 'svg png'] {{");
    line("if (kind eq 'svg') {{");
    line("set terminal svg size {:g},{:g} noenhanced font 'sans-serif,{:g}' background '#ffffff'",
         page_width, page_height_, text_size);
    line("}} else {{");
    const double scale = png_width / page_width;
    // Fonts there are in units of 1/72 inch at 96 pixels an inch.
    line("set terminal pngcairo size {:g},{:g} noenhanced font 'sans-serif,{:g}' fontscale {:g} \\",
         png_width, scale * page_height_, text_size, scale * 72 / 96);
    line("  linewidth {:g} pointscale {:g} background '#ffffff'", scale, scale);
    line("}}");
    line("set output stem.'.'.kind");
    line("set multiplot");
    for (std::size_t p = 0; p < figure_.panels.size(); ++p) {
      line("reset");
      if (p == 0) page();
      panel(p);
    }
    line("unset multiplot");
    line("unset output");
    line("}}");
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, static_cast<Args&&>(args)...);
    text_ += '\n';
  }

  Lines panel_title(const Panel& p) const { return wrap(p.title, plot_width_, panel_title_size); }
  Lines x_label(const Panel& p) const { return wrap(p.x_label, plot_width_, text_size); }
  Lines y_label(const Panel& p) const { return wrap(p.y_label, panel_height, text_size); }

  // From top to bottom: title, key, rows of panels, caption.
  void lay_out() {
    const double inner = page_width - 2 * margin;
    title_ = wrap(figure_.title, inner, title_size);
    caption_ = wrap(figure_.caption, inner, caption_size);
    columns_ = std::clamp<int>(figure_.columns, 1, int(figure_.panels.size()));
    cell_width_ = inner / columns_;
    for (const auto& p : figure_.panels)
      left_ = std::max(left_, 42 + height_of(y_label(p), text_size));
    plot_width_ = cell_width_ - left_ - margin;
    for (const auto& p : figure_.panels) {
      above_ = std::max(above_, 6 + height_of(panel_title(p), panel_title_size));
      below_ = std::max(below_, 30 + height_of(x_label(p), text_size));
    }

    double width = 0;
    for (const auto& label : labels_) {
      const double entry = key_entry_width(label);
      if (key_rows_.empty() || width + entry > inner) key_rows_.push_back(0), width = 0;
      width += entry;
      ++key_rows_.back();
    }
    key_top_ = margin + height_of(title_, title_size) + 4;
    panels_top_ = key_top_ + double(key_rows_.size()) * line_height * text_size + 4;
    const auto rows = (figure_.panels.size() + columns_ - 1) / columns_;
    caption_top_ = panels_top_ + double(rows) * (above_ + panel_height + below_);
    page_height_ = std::ceil(caption_top_ + height_of(caption_, caption_size) + margin);
  }

  static double key_entry_width(const std::string& label) {
    return key_sample + 24 + text_width(label) * character_width * text_size;
  }

  std::string at(double x, double y) const {
    return fmt::format("screen {:.5f},{:.5f}", x / page_width, 1 - y / page_height_);
  }

  // Lines of text from (x, y) downwards; gnuplot's own line spacing differs between the two files.
  void block(const Lines& lines, double x, double y, double size, const char* align) {
    for (const auto& words : lines) {
      line("set label {} at {} {} font ',{:g}'", gnuplot_string(words),
           at(x, y + line_height * size / 2), align, size);
      y += line_height * size;
    }
  }

  void page() {
    block(title_, page_width / 2, margin, title_size, "center");
    block(caption_, margin, caption_top_, caption_size, "left");
    std::size_t i = 0;
    double y = key_top_ + line_height * text_size / 2;
    for (const int entries : key_rows_) {
      double width = 0;
      for (int e = 0; e < entries; ++e) width += key_entry_width(labels_[i + e]);
      double x = (page_width - width) / 2;
      for (int e = 0; e < entries; ++e, ++i) {
        const auto colour = colours[i % colours.size()];
        line("set arrow from {} to {} nohead lw 2 lc rgb '#{}'", at(x, y), at(x + key_sample, y),
             colour);
        line("set label '' at {} point pt {} ps 0.7 lc rgb '#{}'", at(x + key_sample / 2, y),
             marks[i % marks.size()], colour);
        line("set label {} at {} left", gnuplot_string(labels_[i]), at(x + key_sample + 5, y));
        x += key_entry_width(labels_[i]);
      }
      y += line_height * text_size;
    }
  }

  static std::string data_name(std::size_t panel, std::size_t curve) {
    return fmt::format("{}_{}", panel + 1, curve + 1);
  }

  void data(const Curve& curve, const std::string& name) {
    line("# {}: x, mean, the interval's ends, whether it stands alone",
         gnuplot_string(curve.label));
    line("$mean_{} << EOD", name);
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      const auto y = value_at(curve, i);
      const double half = half_width_at(curve, i);
      if (y)
        line("{:.10g} {:.10g} {:.10g} {:.10g} {:d}", curve.x[i], *y, *y - half, *y + half,
             stands_alone(curve, i));
      else
        line("");  // a gap
    }
    line("EOD");
    line("$runs_{} << EOD", name);
    for (std::size_t i = 0; i < curve.repeats.size(); ++i)
      for (const double y : curve.repeats[i])
        if (std::isfinite(y)) line("{:.10g} {:.10g}", curve.x[i], y);
    line("EOD");
  }

  void axes(const Panel& panel) {
    Range x, y;
    bool whole = true;
    for (const auto& curve : panel.curves) {
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        x.add(curve.x[i]);
        whole = whole && curve.x[i] == std::round(curve.x[i]);
        if (const auto v = value_at(curve, i)) {
          y.add(*v - half_width_at(curve, i));
          y.add(*v + half_width_at(curve, i));
        }
      }
      for (const auto& runs : curve.repeats)
        for (const double v : runs) y.add(v);
    }
    if (y.empty()) line("set label 'no values' at graph 0.5,0.5 center textcolor rgb '#666666'");
    const Range across = x.padded(0.04, 0.5);
    const Range up = y.padded(0.07, y.high == 0 ? 1 : 0.05 * std::abs(y.high));
    line("set xrange [{:.12g}:{:.12g}]", across.low, across.high);
    line("set yrange [{:.12g}:{:.12g}]", up.low, up.high);
    if (whole && !x.empty())
      line("set xtics {:.12g},{:g}", x.low, std::max(1.0, std::ceil((x.high - x.low) / 10)));
    line("set tics nomirror textcolor rgb '#303030' font ',{:g}'", text_size - 1);
    line("set format '%g'");
    line("set minussign");
    line("set border 3 lc rgb '#808080'");
    line("set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back");
    line("set errorbars 0");
    line("unset key");
  }

  void panel(std::size_t place) {
    const Panel& p = figure_.panels[place];
    const double x = margin + cell_width_ * double(int(place) % columns_);
    const double y = panels_top_ + (above_ + panel_height + below_) * double(int(place) / columns_);
    const double left = x + left_, right = left + plot_width_;
    const double top = y + above_, bottom = top + panel_height;
    line("set lmargin at screen {:.5f}", left / page_width);
    line("set rmargin at screen {:.5f}", right / page_width);
    line("set tmargin at screen {:.5f}", 1 - top / page_height_);
    line("set bmargin at screen {:.5f}", 1 - bottom / page_height_);
    const Lines title = panel_title(p);
    block(title, (left + right) / 2, top - 6 - height_of(title, panel_title_size), panel_title_size,
          "center");
    block(x_label(p), (left + right) / 2, bottom + 21, text_size, "center");
    double y_label_x = x + line_height * text_size / 2;
    for (const auto& words : y_label(p)) {
      line("set label {} at {} center rotate by 90 font ',{:g}'", gnuplot_string(words),
           at(y_label_x, (top + bottom) / 2), text_size);
      y_label_x += line_height * text_size;
    }
    axes(p);
    curves(place);
  }

  void curves(std::size_t place) {
    const auto& curves = figure_.panels[place].curves;
    Lines bands, lines;  // bands come first, so that none hides another curve's line
    for (std::size_t c = 0; c < curves.size(); ++c) {
      const Curve& curve = curves[c];
      if (!anywhere(curve, has_value)) continue;
      const auto found = std::ranges::find(labels_, curve.label);
      const std::size_t style = found == labels_.end() ? c : found - labels_.begin();
      const auto colour = colours[style % colours.size()];
      const std::string name = data_name(place, c);
      if (anywhere(curve, has_interval))
        bands.push_back(
            fmt::format("$mean_{} using 1:3:4 with filledcurves fs transparent solid 0.18 "
                        "noborder lc rgb '#{}'",
                        name, colour));
      if (anywhere(curve, stands_alone))
        bands.push_back(
            fmt::format("$mean_{} using ($5 == 1 ? $1 : NaN):2:3:4 with yerrorbars pt 0 "
                        "lw 1.2 lc rgb '#{}'",
                        name, colour));
      if (std::ranges::any_of(curve.repeats, [](const auto& runs) { return !runs.empty(); }))
        lines.push_back(
            fmt::format("$runs_{} with points pt 7 ps 0.35 lc rgb '#90{}'", name, colour));
      lines.push_back(
          fmt::format("$mean_{} using 1:2 with linespoints lw 1.8 pt {} ps 0.7 lc rgb '#{}'", name,
                      marks[style % marks.size()], colour));
    }
    bands.insert(bands.end(), lines.begin(), lines.end());
    line("plot {}", bands.empty() ? "NaN" : fmt::format("{}", fmt::join(bands, ", \\\n  ")));
  }

  const Figure& figure_;
  std::string text_;
  Lines labels_, title_, caption_;
  std::vector<int> key_rows_;  // entries in each
  int columns_ = 1;
  double cell_width_ = 0, plot_width_ = 0, left_ = 0, above_ = 0, below_ = 0;
  double key_top_ = 0, panels_top_ = 0, caption_top_ = 0, page_height_ = 0;
};

}  // namespace

std::string gnuplot_string(const std::string& text) {
  std::string result = "'";  // in single quotes only the quote itself is special
  for (const char c : text) {
    if (c == '\n')
      result += "'.\"\\n\".'";
    else if (c == '\'')
      result += "''";
    else if (static_cast<unsigned char>(c) >= ' ')
      result += c;
  }
  return result + "'";
}

std::string gnuplot_script(const Figure& figure, const std::string& name) {
  return Script(figure).write(name);
}

}  // namespace experiments
