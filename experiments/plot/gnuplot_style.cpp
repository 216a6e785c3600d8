// SPDX-License-Identifier: MIT
#include "experiments/plot/gnuplot_style.h"

#include <fmt/format.h>

#include <array>

namespace experiments {
namespace {

// After Okabe and Ito, who chose for the colour-blind; the lightness (L*) of each is its own: 27,
// 50, 65, 77, 38, 61, 0. Marks: filled circle, square, triangle, diamond, triangle on its tip,
// pentagon.
constexpr auto colours = std::to_array<std::string_view>(
    {"00407A", "CC4E00", "4AA5DE", "E8B500", "00664A", "CC79A7", "000000"});
constexpr std::array marks = {7, 5, 9, 13, 11, 15};  // the number before each: its outline

}  // namespace

CurveStyle style_of(std::size_t index) {
  const int mark = marks[index % marks.size()];
  return {colours[index % colours.size()], index < colours.size() ? mark : mark - 1};
}

std::string bar_look(std::size_t index) {
  const auto colour = style_of(index).colour;
  if (index < colours.size())
    return fmt::format("fs solid 1 border lc rgb '#ffffff' lw 0.5 fc rgb '#{}'", colour);
  return fmt::format("fs pattern 4 border lc rgb '#{0}' lw 0.5 fc rgb '#{0}'", colour);
}

std::string level_look(std::size_t index) {
  // Each with a grey of its own: in gnuplot's SVG, lines of one colour get one pattern of dashes.
  constexpr auto greys = std::to_array<std::string_view>({"202020", "606060", "404040", "808080"});
  return fmt::format("dt {} lc rgb '#{}'", 2 + index % greys.size(), greys[index % greys.size()]);
}

}  // namespace experiments
