// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "experiments/plot/plot.h"

namespace experiments {

/// The gnuplot script that draws a figure, with its data, to `name`.svg and `name`.png in the
/// working directory, or to the path in the variable `stem` and those of the `kinds` where these
/// are set. Every text is placed by the script, on lines of known length, so that nothing is
/// clipped or overlaps in either file.
std::string gnuplot_script(const Figure&, const std::string& name);

/// A gnuplot string expression for any text; control characters other than line ends are left out.
std::string gnuplot_string(const std::string& text);

/// The same for the label of a tick, which gnuplot takes for a format of a number.
std::string gnuplot_tick(const std::string& text);

}  // namespace experiments
