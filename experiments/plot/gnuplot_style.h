// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <string_view>

namespace experiments {

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

}  // namespace experiments
