// SPDX-License-Identifier: MIT
#pragma once
#include <fmt/format.h>

#include <iterator>
#include <string>
#include <vector>

#include "experiments/plot/plot.h"

/// The inside of one panel in a gnuplot script: axes, curves and bars.
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

/// Axes and plot command. `ticks` are the named ticks, their labels broken into lines, `most_ticks`
/// how many others there is room for.
std::string panel_commands(const Figure&, std::size_t index, const Key&,
                           const std::vector<Tick>& ticks, int most_ticks, double text_size);

}  // namespace experiments
