// SPDX-License-Identifier: MIT
#include "experiments/plot/gnuplot_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/system/wrap_text.h"
#include "experiments/plot/gnuplot_data.h"
#include "experiments/plot/gnuplot_panel.h"
#include "experiments/plot/gnuplot_style.h"

namespace experiments {
namespace {

// All lengths are points; the PNG has png_scale pixels for each.
constexpr double png_scale = 2, margin = 14, largest_panel_height = 210;
constexpr double title_size = 15, panel_title_size = 12, text_size = 11, caption_size = 9;
constexpr double line_height = 1.4;       // of the size
constexpr double character_width = 0.56;  // of the size: the mean of a wide font, DejaVu Sans
constexpr double label_share = 0.55, row_height = 19;  // of forest plots
constexpr double name_share = 0.85, least_name = 5;    // of a matrix's rows; what can be read
constexpr int longest_name = 24;                       // characters
constexpr double key_sample = 26;                      // length of a key entry's line

using Lines = std::vector<std::string>;

Lines wrap(const std::string& text, double width, double size) {
  return wrap_text(text, std::max(1, int(width / (character_width * size))));
}

double height_of(const Lines& lines, double size) {
  return double(lines.size()) * line_height * size;
}

// A place is given in points from the upper left corner of the page.
class Script : ScriptText {
 public:
  explicit Script(const Figure& figure) : figure_(figure), key_(figure), page_width_(figure.width) {
    bars_ =
        std::ranges::any_of(figure.panels, [](const Panel& p) { return !p.categories.empty(); });
    labels_ = key_.curves;
    labels_.insert(labels_.end(), key_.levels.begin(), key_.levels.end());
    lay_out();
  }

  std::string write(const std::string& name) {
    line("# gnuplot {}.gnuplot draws {}.svg and {}.png", name, name, name);
    line("if (!exists('stem')) stem = {}", gnuplot_string(name));
    line("if (!exists('kinds')) kinds = 'svg png'");
    line("set encoding utf8");
    for (std::size_t p = 0; p < figure_.panels.size(); ++p) text_ += panel_data(figure_, p);
    line("do for [kind in kinds] {{");
    line("if (kind eq 'svg') {{");
    line("set terminal svg size {:g},{:g} noenhanced font 'sans-serif,{:g}' background '#ffffff'",
         page_width_, page_height_, text_size);
    line("}} else {{");
    // Fonts there are in units of 1/72 inch at 96 pixels an inch.
    line("set terminal pngcairo size {:g},{:g} noenhanced font 'sans-serif,{:g}' fontscale {:g} \\",
         png_scale * page_width_, png_scale * page_height_, text_size, png_scale * 72 / 96);
    line("  linewidth {0:g} pointscale {0:g} background '#ffffff'", png_scale);
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
  Lines panel_title(const Panel& p) const { return wrap(p.title, plot_width_, panel_title_size); }
  Lines x_label(const Panel& p) const { return wrap(p.x_label, plot_width_, text_size); }
  Lines y_label(const Panel& p) const {
    const auto index = std::size_t(&p - figure_.panels.data());
    const char* cut = is_cut(figure_, index) ? ", axis cut" : "";
    return wrap(p.y_label + cut, panel_height_, text_size);
  }
  // Those of a matrix: names of all rows, or of each second, third, ... where they are too low.
  std::vector<Tick> matrix_ticks(const Panel& p) const {
    std::vector<Tick> ticks;
    for (std::size_t i = 0; i < p.names.size(); i += name_step_)
      ticks.push_back({double(i), short_name(p.names[i])});
    return ticks;
  }
  static std::string short_name(const std::string& name) {
    return text_width(name) <= longest_name ? name : first_characters(name, longest_name - 1) + "…";
  }
  std::vector<Tick> ticks(const Panel& p) const {
    if (!p.names.empty()) return matrix_ticks(p);
    auto ticks = named_ticks(p);
    for (auto& tick : ticks)
      if (!p.categories.empty())
        tick.label = fmt::format(
            "{}", fmt::join(wrap(tick.label, plot_width_ / double(ticks.size()), text_size), "\n"));
    return ticks;
  }
  double tick_height(const Panel& p) const {
    if (!p.names.empty()) return names_width_ + 6;
    std::ptrdiff_t breaks = 0;
    for (const auto& tick : ticks(p))
      breaks = std::max(breaks, std::ranges::count(tick.label, '\n'));
    return 21 + double(breaks) * line_height * text_size;
  }

  // From top to bottom: title, key, rows of panels, caption.
  void lay_out() {
    const double inner = page_width_ - 2 * margin;
    title_ = wrap(figure_.title, inner, title_size);
    caption_ = wrap(figure_.caption, inner, caption_size);
    columns_ = std::clamp<int>(figure_.columns, 1, int(figure_.panels.size()));
    cell_width_ = inner / columns_;
    panel_height_ = std::min(largest_panel_height, 0.7 * cell_width_);
    for (const auto& p : figure_.panels) {
      left_ = std::max(left_, 42 + height_of(y_label(p), text_size));
      if (p.estimates.empty()) continue;
      panel_height_ = 0;  // of a figure with forest plots all are: as high as their rows need
      left_ = std::max(left_, label_share * cell_width_);
    }
    for (const auto& p : figure_.panels)
      panel_height_ = std::max(panel_height_, row_height * double(p.estimates.size()));
    for (const auto& p : figure_.panels)
      if (!p.names.empty()) lay_out_matrix(p);
    plot_width_ = cell_width_ - left_ - margin;
    for (const auto& p : figure_.panels)
      if (!p.names.empty()) panel_height_ = plot_width_;
    for (const auto& p : figure_.panels) {
      above_ = std::max(above_, 6 + height_of(panel_title(p), panel_title_size));
      below_ = std::max(below_, 9 + tick_height(p) + height_of(x_label(p), text_size));
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
    caption_top_ = panels_top_ + double(rows) * (above_ + panel_height_ + below_);
    page_height_ = std::ceil(caption_top_ + height_of(caption_, caption_size) + margin);
  }

  // It is square. Its names are as large as a row is high, and have the same room below it as on
  // its left.
  void lay_out_matrix(const Panel& p) {
    int longest = 1;
    for (const auto& name : p.names) longest = std::max(longest, text_width(short_name(name)));
    left_ = 6 + height_of(y_label(p), text_size);
    const double width = cell_width_ - left_ - margin, rows = double(p.names.size());
    for (name_step_ = 1;; ++name_step_) {
      const double share = name_share * double(name_step_);
      name_size_ = std::min(text_size - 1,
                            share * width / (rows + share * character_width * double(longest)));
      if (name_size_ >= least_name) break;
    }
    names_width_ = 6 + character_width * longest * name_size_;
    left_ += names_width_;
  }

  static double key_entry_width(const std::string& label) {
    return key_sample + 24 + text_width(label) * character_width * text_size;
  }

  std::string at(double x, double y) const {
    return fmt::format("screen {:.5f},{:.5f}", x / page_width_, 1 - y / page_height_);
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
    block(title_, page_width_ / 2, margin, title_size, "center");
    block(caption_, margin, caption_top_, caption_size, "left");
    std::size_t i = 0;
    double y = key_top_ + line_height * text_size / 2;
    for (const int entries : key_rows_) {
      double width = 0;
      for (int e = 0; e < entries; ++e) width += key_entry_width(labels_[i + e]);
      double x = (page_width_ - width) / 2;
      for (int e = 0; e < entries; ++e, ++i) {
        key_entry(i, x, y);
        line("set label {} at {} left", gnuplot_string(labels_[i]), at(x + key_sample + 5, y));
        x += key_entry_width(labels_[i]);
      }
      y += line_height * text_size;
    }
  }

  void key_entry(std::size_t i, double x, double y) {
    if (i >= key_.curves.size()) {
      line("set arrow from {} to {} nohead lw 1.5 {}", at(x, y), at(x + key_sample, y),
           level_look(i - key_.curves.size()));
      return;
    }
    if (bars_) {
      line("set object rectangle from {} to {} {}", at(x + 8, y - 5), at(x + key_sample, y + 5),
           bar_look(i));
      return;
    }
    const auto [colour, mark] = style_of(i);
    line("set arrow from {} to {} nohead lw 2 lc rgb '#{}'", at(x, y), at(x + key_sample, y),
         colour);
    line("set label '' at {} point pt {} ps 0.7 lc rgb '#{}'", at(x + key_sample / 2, y), mark,
         colour);
  }

  void panel(std::size_t index) {
    const Panel& p = figure_.panels[index];
    const double x = margin + cell_width_ * double(int(index) % columns_);
    const double y =
        panels_top_ + (above_ + panel_height_ + below_) * double(int(index) / columns_);
    const double left = x + left_, right = left + plot_width_;
    const double top = y + above_, bottom = top + panel_height_;
    line("set lmargin at screen {:.5f}", left / page_width_);
    line("set rmargin at screen {:.5f}", right / page_width_);
    line("set tmargin at screen {:.5f}", 1 - top / page_height_);
    line("set bmargin at screen {:.5f}", 1 - bottom / page_height_);
    const Lines title = panel_title(p);
    block(title, (left + right) / 2, top - 6 - height_of(title, panel_title_size), panel_title_size,
          "center");
    block(x_label(p), (left + right) / 2, bottom + tick_height(p), text_size, "center");
    double y_label_x = x + line_height * text_size / 2;
    for (const auto& words : y_label(p)) {
      line("set label {} at {} center rotate by 90 font ',{:g}'", gnuplot_string(words),
           at(y_label_x, (top + bottom) / 2), text_size);
      y_label_x += line_height * text_size;
    }
    const int most_ticks = std::clamp(int(plot_width_ / 30), 2, 10);
    text_ += panel_commands(figure_, index, key_, ticks(p), most_ticks,
                            p.names.empty() ? text_size : name_size_ + 1);
  }

  const Figure& figure_;
  const Key key_;
  Lines labels_, title_, caption_;
  std::vector<int> key_rows_;  // labels in each
  int columns_ = 1;
  bool bars_ = false;  // in the key
  double page_width_, panel_height_ = 0;
  double cell_width_ = 0, plot_width_ = 0, left_ = 0, above_ = 0, below_ = 0;
  double name_size_ = 0, names_width_ = 0;  // of a matrix
  std::size_t name_step_ = 1;
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
    else if (c == '\t')
      result += ' ';
    else if (static_cast<unsigned char>(c) >= ' ')
      result += c;
  }
  return result + "'";
}

std::string gnuplot_tick(const std::string& text) {
  std::string doubled;
  for (const char c : text) doubled += c == '%' ? "%%" : std::string(1, c);
  return gnuplot_string(doubled);
}

std::string gnuplot_script(const Figure& figure, const std::string& name) {
  return Script(figure).write(name);
}

}  // namespace experiments
