// SPDX-License-Identifier: MIT
#include "experiments/plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "experiments/files.h"
#include "experiments/wrap_text.h"
#include "kernels/error.h"

namespace experiments {
namespace {

using kernels::fail;
using kernels::require;

// All lengths are points of a page of this width; the PNG shows it at png_width pixels.
constexpr double page_width = 800, png_width = 1600;
constexpr double panel_height = 210, gap = 14;
constexpr double title_size = 15, panel_title_size = 12, text_size = 11, caption_size = 9;
constexpr double line_height = 1.35;      // of the size
constexpr double character_width = 0.60;  // of the size: the mean of a wide font, DejaVu Sans

// Okabe and Ito's colours, which the colour-blind tell apart, without the yellow (faint on white);
// each with a mark of its own (filled circle, square, triangles, diamond, pentagon).
constexpr std::array colours = {"0072B2", "D55E00", "009E73", "CC79A7",
                                "E69F00", "56B4E9", "000000"};
constexpr std::array marks = {7, 5, 9, 13, 11, 15};

std::vector<std::string> wrap(const std::string& text, double width, double size) {
  return wrap_text(text, std::max(1, int(width / (character_width * size))));
}

// A gnuplot string; in single quotes only the quote itself is special.
std::string literal(const std::string& text) {
  std::string result = "'";
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

std::string literal(const std::vector<std::string>& lines) {
  return literal(fmt::format("{}", fmt::join(lines, "\n")));
}

std::string font(double size) { return fmt::format("font ',{:g}'", size); }

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
  // With some space around; an empty range becomes [0, 1].
  Range padded(double share, double least) const {
    if (empty()) return {0, 1};
    const double pad = high > low ? share * (high - low) : least;
    return {low - pad, high + pad};
  }
  std::string text() const { return fmt::format("[{:.12g}:{:.12g}]", low, high); }
};

// The value at x[i], if there is one that can be drawn.
std::optional<double> value_at(const Curve& curve, std::size_t i) {
  return curve.y[i] && std::isfinite(*curve.y[i]) ? curve.y[i] : std::nullopt;
}

bool has_value(const Curve& curve, std::size_t i) { return value_at(curve, i).has_value(); }

double half_width_at(const Curve& curve, std::size_t i) {
  return i < curve.half_width.size() && std::isfinite(curve.half_width[i]) ? curve.half_width[i]
                                                                           : 0;
}

bool has_interval(const Curve& curve, std::size_t i) { return half_width_at(curve, i) > 0; }

// A band needs two neighbours: where a value stands alone its interval is drawn as a bar.
bool stands_alone(const Curve& curve, std::size_t i) {
  return value_at(curve, i) && !(i > 0 && value_at(curve, i - 1)) &&
         !(i + 1 < curve.x.size() && value_at(curve, i + 1));
}

bool any_of_points(const Curve& curve, bool (*property)(const Curve&, std::size_t)) {
  for (std::size_t i = 0; i < curve.x.size(); ++i)
    if (property(curve, i)) return true;
  return false;
}

void check(const Figure& figure) {
  require(!figure.panels.empty() && figure.columns > 0, "plot: the figure has no panels");
  for (const auto& panel : figure.panels) {
    for (const auto& curve : panel.curves) {
      const auto fits = [&](std::size_t n) { return n == 0 || n == curve.x.size(); };
      require(curve.y.size() == curve.x.size() && fits(curve.half_width.size()) &&
                  fits(curve.repeats.size()),
              "plot: a curve of panel '{}' has {} x, {} y, {} half widths and {} sets of repeats",
              panel.title, curve.x.size(), curve.y.size(), curve.half_width.size(),
              curve.repeats.size());
    }
  }
}

// Writes the gnuplot script of a figure: first the data, then what is drawn on the page from top to
// bottom, with every place given in points from the page's upper left corner.
class Script {
 public:
  explicit Script(const Figure& figure) : figure_(figure) {
    for (const auto& panel : figure.panels)
      for (const auto& curve : panel.curves)
        if (!curve.label.empty() && std::ranges::find(labels_, curve.label) == labels_.end())
          labels_.push_back(curve.label);
    lay_out();
  }

  std::string text(const std::string& name) {
    line("# gnuplot {}.gnuplot draws {}.svg and {}.png", name, name, name);
    line("if (!exists('stem')) stem = {}", literal(name));
    line("set encoding utf8");
    for (std::size_t p = 0; p < figure_.panels.size(); ++p)
      for (std::size_t c = 0; c < figure_.panels[p].curves.size(); ++c)
        data(figure_.panels[p].curves[c], data_name(p, c));
    line("do for [kind in 'svg png'] {{");
    line("if (kind eq 'svg') {{");
    line(
        "set terminal svg size {:.0f},{:.0f} noenhanced font 'sans-serif,{:g}' background "
        "'#ffffff'",
        page_width, page_height_, text_size);
    line("}} else {{");
    const double scale = png_width / page_width;
    line(
        "set terminal pngcairo size {:.0f},{:.0f} noenhanced font 'sans-serif,{:g}' "
        "fontscale {:g} linewidth {:g} pointscale {:g} background '#ffffff'",
        png_width, scale * std::round(page_height_), text_size, scale * 72 / 96, scale, scale);
    line("}}");
    line("set output stem.'.'.kind");
    line("set multiplot");
    for (std::size_t p = 0; p < figure_.panels.size(); ++p) panel(p);
    line("unset multiplot");
    line("unset output");
    line("}}");
    return std::move(text_);
  }

 private:
  struct KeyEntry {
    double x;
    int row;
  };

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, static_cast<Args&&>(args)...);
    text_ += '\n';
  }

  void lay_out() {
    const double inner = page_width - 2 * gap;
    title_ = wrap(figure_.title, inner, title_size);
    caption_ = wrap(figure_.caption, inner, caption_size);
    columns_ = std::min<int>(figure_.columns, int(figure_.panels.size()));
    cell_width_ = inner / columns_;
    std::size_t y_lines = 1, title_lines = 0, x_lines = 0;
    for (const auto& panel : figure_.panels) {
      y_lines = std::max(y_lines, wrap(panel.y_label, panel_height, text_size).size());
      title_lines = std::max(title_lines, panel_title(panel).size());
      x_lines = std::max(x_lines, x_label(panel).size());
    }
    left_ = 58 + text_size * line_height * double(y_lines - 1);
    above_ = 8 + panel_title_size * line_height * double(title_lines);
    below_ = 24 + text_size * line_height * double(x_lines);

    double x = gap;
    int row = 0;
    for (const auto& label : labels_) {
      const double width = 40 + text_width(label) * character_width * text_size;
      if (x > gap && x + width > page_width - gap) x = gap, ++row;
      key_.push_back({x, row});
      x += width;
      key_width_ = std::max(key_width_, x - gap);
    }
    const int key_rows = labels_.empty() ? 0 : row + 1;
    const auto panel_rows = (figure_.panels.size() + columns_ - 1) / columns_;
    key_top_ = gap + double(title_.size()) * title_size * line_height;
    panels_top_ = key_top_ + key_rows * text_size * 1.6;
    caption_top_ = panels_top_ + double(panel_rows) * (above_ + panel_height + below_) + 8;
    page_height_ = caption_top_ + double(caption_.size()) * caption_size * line_height + gap;
  }

  std::vector<std::string> panel_title(const Panel& panel) const {
    return wrap(panel.title, cell_width_ - left_, panel_title_size);
  }
  std::vector<std::string> x_label(const Panel& panel) const {
    return wrap(panel.x_label, cell_width_ - left_, text_size);
  }

  double screen_x(double x) const { return x / page_width; }
  double screen_y(double y) const { return 1 - y / page_height_; }

  static std::string data_name(std::size_t panel, std::size_t curve) {
    return fmt::format("{}_{}", panel + 1, curve + 1);
  }

  int style(const Curve& curve, std::size_t place) const {
    const auto found = std::ranges::find(labels_, curve.label);
    return int(found == labels_.end() ? place : std::size_t(found - labels_.begin()));
  }

  void data(const Curve& curve, const std::string& name) {
    line("# {}: x, mean, lower and upper end of the interval, whether it stands alone",
         literal(curve.label));
    line("$mean_{} << EOD", name);
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      if (const auto y = value_at(curve, i)) {
        const double half = half_width_at(curve, i);
        line("{:.10g} {:.10g} {:.10g} {:.10g} {:d}", curve.x[i], *y, *y - half, *y + half,
             stands_alone(curve, i));
      } else {
        line("");  // a gap
      }
    }
    line("EOD");
    line("$runs_{} << EOD", name);
    for (std::size_t i = 0; i < curve.repeats.size(); ++i)
      for (const double y : curve.repeats[i])
        if (std::isfinite(y)) line("{:.10g} {:.10g}", curve.x[i], y);
    line("EOD");
  }

  void page_text() {
    const auto block = [&](const std::vector<std::string>& lines, double x, double y, double size,
                           const char* align) {
      if (!lines.empty())
        line("set label {} at screen {:.5f},{:.5f} {} {} front", literal(lines), screen_x(x),
             screen_y(y + size * line_height / 2), align, font(size));
    };
    block(title_, page_width / 2, gap, title_size, "center");
    block(caption_, gap, caption_top_, caption_size, "left");
    const double centred = (page_width - 2 * gap - key_width_) / 2;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const double x = key_[i].x + centred, y = key_top_ + (key_[i].row + 0.5) * text_size * 1.6;
      const auto colour = colours[i % colours.size()];
      line("set arrow from screen {:.5f},{:.5f} to screen {:.5f},{:.5f} nohead lw 2 lc rgb '#{}'",
           screen_x(x), screen_y(y), screen_x(x + 22), screen_y(y), colour);
      line("set label '' at screen {:.5f},{:.5f} point pt {} ps 0.7 lc rgb '#{}' front",
           screen_x(x + 11), screen_y(y), marks[i % marks.size()], colour);
      line("set label {} at screen {:.5f},{:.5f} left {}", literal(labels_[i]), screen_x(x + 27),
           screen_y(y), font(text_size));
    }
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
        if (!curve.repeats.empty())
          for (const double v : curve.repeats[i]) y.add(v);
      }
    }
    if (y.empty()) line("set label 'no values' at graph 0.5,0.5 center textcolor rgb '#666666'");
    line("set xrange {}", x.padded(0.04, 0.5).text());
    line("set yrange {}", y.padded(0.07, std::max(0.05 * std::abs(y.high), 1e-9)).text());
    if (whole && !x.empty())
      line("set xtics {:g},{:g}", x.low, std::max(1.0, std::ceil((x.high - x.low) / 10)));
    else
      line("set xtics autofreq");
  }

  void panel(std::size_t place) {
    const Panel& p = figure_.panels[place];
    const double x = gap + cell_width_ * double(int(place) % columns_) + left_;
    const double y =
        panels_top_ + above_ + (above_ + panel_height + below_) * double(int(place) / columns_);
    line("reset");
    if (place == 0) page_text();
    line("set lmargin at screen {:.5f}", screen_x(x));
    line("set rmargin at screen {:.5f}", screen_x(x + cell_width_ - left_ - gap));
    line("set tmargin at screen {:.5f}", screen_y(y));
    line("set bmargin at screen {:.5f}", screen_y(y + panel_height));
    line("set title {} {} offset 0,-0.4", literal(panel_title(p)), font(panel_title_size));
    line("set xlabel {} {}", literal(x_label(p)), font(text_size));
    line("set ylabel {} {}", literal(wrap(p.y_label, panel_height, text_size)), font(text_size));
    line("set border 3 lc rgb '#808080'");
    line("set tics nomirror textcolor rgb '#303030' {}", font(text_size - 1));
    line("set grid lt 1 lw 0.5 lc rgb '#e4e4e4' back");
    line("set format '%g'");
    line("set minussign");
    line("unset key");
    axes(p);
    std::vector<std::string> bands, lines;  // bands first, so that none hides another's line
    for (std::size_t c = 0; c < p.curves.size(); ++c) {
      const Curve& curve = p.curves[c];
      if (!any_of_points(curve, has_value)) continue;
      const auto layer = [&](auto& layers, const char* format) {
        const int s = style(curve, c);
        layers.push_back(fmt::format(fmt::runtime(format), fmt::arg("data", data_name(place, c)),
                                     fmt::arg("colour", colours[s % colours.size()]),
                                     fmt::arg("mark", marks[s % marks.size()])));
      };
      if (any_of_points(curve, has_interval))
        layer(bands,
              "$mean_{data} using 1:3:4 with filledcurves fs transparent solid 0.18 noborder "
              "lc rgb '#{colour}'");
      if (any_of_points(curve, stands_alone))
        layer(bands,
              "$mean_{data} using ($5 == 1 ? $1 : NaN):2:3:4 with yerrorbars pt 0 lw 1.2 "
              "lc rgb '#{colour}'");
      if (std::ranges::any_of(curve.repeats, [](const auto& runs) { return !runs.empty(); }))
        layer(lines, "$runs_{data} with points pt 7 ps 0.35 lc rgb '#90{colour}'");
      layer(lines,
            "$mean_{data} using 1:2 with linespoints lw 1.8 pt {mark} ps 0.7 lc rgb '#{colour}'");
    }
    bands.insert(bands.end(), lines.begin(), lines.end());
    line("plot {}", bands.empty() ? "NaN" : fmt::format("{}", fmt::join(bands, ", \\\n  ")));
  }

  const Figure& figure_;
  std::string text_;
  std::vector<std::string> labels_, title_, caption_;
  std::vector<KeyEntry> key_;
  int columns_ = 1;
  double cell_width_ = 0, left_ = 0, above_ = 0, below_ = 0, key_width_ = 0;
  double key_top_ = 0, panels_top_ = 0, caption_top_ = 0, page_height_ = 0;
};

// The line of gnuplot's complaint that says what is wrong: '"figure.gnuplot" line 3: ...'.
std::string complaint(const std::string& output) {
  std::string first;
  for (const auto& line : wrap_text(output, 1000)) {
    if (line.find(" line ") != std::string::npos) return line;
    if (first.empty()) first = line;
  }
  return first.empty() ? "it says nothing" : first;
}

void run_gnuplot(const std::filesystem::path& script, const std::string& stem) {
  int ends[2];
  require(pipe(ends) == 0, "cannot start gnuplot: {}", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::string assignment = "stem = " + literal(stem), path = script.string();
  std::string words[] = {"gnuplot", "-d", "-e"};
  char* const arguments[] = {words[0].data(),   words[1].data(), words[2].data(),
                             assignment.data(), path.data(),     nullptr};
  pid_t process;
  const int failed = posix_spawnp(&process, "gnuplot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string output;
  char block[4096];
  for (ssize_t got; (got = read(ends[0], block, sizeof block)) > 0;) output.append(block, got);
  close(ends[0]);
  require(failed != ENOENT,
          "gnuplot, which draws the figures, is not installed: install the package "
          "gnuplot-nox");
  require(failed == 0, "cannot start gnuplot: {}", std::strerror(failed));
  int status = 0;
  waitpid(process, &status, 0);
  require(status == 0, "gnuplot failed on {}: {}", path, complaint(output));
}

}  // namespace

void draw(const Figure& figure, const std::filesystem::path& stem) {
  check(figure);
  const std::filesystem::path script = stem.string() + ".gnuplot";
  write_file(script, Script(figure).text(stem.filename().string()));
  const std::string drawn = stem.string() + ".drawing";
  const auto remove_drawn = [&] {
    for (const char* kind : {".svg", ".png"}) std::remove((drawn + kind).c_str());
  };
  try {
    run_gnuplot(script, drawn);
    const std::string svg = read_file(drawn + ".svg"), png = read_file(drawn + ".png");
    // gnuplot does not notice a full disk.
    const auto ends = [](const std::string& text, const char* mark) {
      return text.find(mark, text.size() - std::min<std::size_t>(16, text.size())) != text.npos;
    };
    require(ends(svg, "</svg>") && ends(png, "IEND"),
            "gnuplot wrote only a part of {}.svg and .png: is the disk full?", stem.string());
    write_file(stem.string() + ".svg", svg);
    write_file(stem.string() + ".png", png);
  } catch (...) {
    remove_drawn();
    throw;
  }
  remove_drawn();
}

}  // namespace experiments
