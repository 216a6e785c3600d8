// SPDX-License-Identifier: MIT
#pragma once
#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/plot/plot.h"

/// The inside of one panel in a gnuplot script: data, axes, curves and bars.
namespace experiments {

/// A script as it is written, line by line.
class ScriptText {
 protected:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, static_cast<Args&&>(args)...);
    text_ += '\n';
  }

  std::string text_;
};

/// The look of a curve by its label's index in the key: a colour as RRGGBB, and gnuplot's number of
/// a mark. Colours differ in lightness too, for grey print and the colour-blind.
struct CurveStyle {
  std::string_view colour;
  int mark;
};
CurveStyle style_of(std::size_t index);

/// The same for bars: "fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#00407A'". When all
/// colours are used up they come again: bars hatched, curves with open marks.
std::string bar_look(std::size_t index);

/// The look of a level's line, by the index of its label in the key: "dt 2 lc rgb '#202020'".
std::string level_look(std::size_t index);

/// The labels of a figure, each once.
struct Key {
  std::vector<std::string> curves, levels;

  explicit Key(const Figure&);
};

/// Ticks of the x axis that are not left to gnuplot: the categories, or on a logarithmic axis every
/// x.
std::vector<Tick> named_ticks(const Panel&);

/// Whether the value axis of bars does not start at 0, as their differences would not be seen; they
/// are points then.
bool is_cut(const Figure&, std::size_t index);

/// The data of a figure's panel as blocks $mean_PANEL_1, $runs_PANEL_1, ..., counted from 1.
std::string panel_data(const Figure&, std::size_t index);

/// Axes and plot command. `ticks` are the named ticks, their labels broken into lines, `most_ticks`
/// how many others there is room for.
std::string panel_commands(const Figure&, std::size_t index, const Key&,
                           const std::vector<Tick>& ticks, int most_ticks, double text_size);

}  // namespace experiments
