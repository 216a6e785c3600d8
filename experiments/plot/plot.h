// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/values.h"

namespace experiments {

/// One curve: a value with an interval for each x. Missing values leave a gap.
struct Curve {
  std::string label;  // in the key; may be empty
  std::vector<double> x;
  std::vector<std::optional<double>> y;
  std::vector<double> half_width;  // drawn as a band; 0: none
  std::vector<std::vector<double>>
      repeats;  // single runs' values for each x, drawn as small dots; may be empty
};

/// A horizontal line across a panel; its label is in the key.
struct Level {
  std::string label;
  double y;
};

struct Tick {
  double x;
  std::string label;
};

/// A row of a forest plot: an estimate with an interval, and a wider one.
struct Estimate {
  std::string label;
  double mean, low, high, adjusted_low, adjusted_high;
};

/// A cell of a matrix, counted from 0: its share of something as a shade, and a text on it.
struct Cell {
  int row, column;
  double share;  // from 0 to 1
  std::string text = {};
};

struct Panel {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  std::vector<Level> levels = {};
  Range range = {};  // of what is shown: the value axis and intervals end there at the furthest
  /// If any: grouped bars. x = 0, 1, ... is a group with this name below it, each curve a bar of
  /// one colour in every group, half_width an error bar.
  std::vector<std::string> categories = {};
  bool log_x = false;  // all x > 0; a tick at each x
  bool log_y = false;  // where all that the value axis has to show is above 0
  /// If any: a reliability diagram. Both axes run from 0 to 1, with the diagonal; the shares of
  /// samples in equal parts of the x axis stand as grey bars behind.
  std::vector<double> shares = {};
  /// If any: a forest plot, which has no curves. A row for each, in order from the top, with its
  /// label on the left; on the x axis its intervals, a line at 0, and a grey band to `margin` on
  /// both sides of it.
  std::vector<Estimate> estimates = {};
  double margin = 0;
  /// If any: a matrix with a row and a column for each of these names, which has no curves. The
  /// diagonal is green, the rest orange, by the square root of the shares, so that small ones are
  /// seen. Cells that are not there are white.
  std::vector<std::string> names = {};
  std::vector<Cell> cells = {};
};

struct Figure {
  std::string title;
  std::string caption;  // small, below: what ran, on what, how reduced
  std::vector<Panel> panels;
  int columns = 2;
  int width = 800;      // points
  bool same_y = false;  // one value axis for all panels
};

/// Draws with gnuplot to `stem`.svg and `stem`.png (two pixels a point). Leaves `stem`.gnuplot
/// beside them, with the data in it, so that the picture can be restyled by hand. Throws Error if
/// gnuplot is not installed (naming the package gnuplot-nox) or fails.
void draw(const Figure&, const std::filesystem::path& stem);

/// The same as an SVG or PNG file's bytes, leaving no files.
std::string svg_of(const Figure&);
std::string png_of(const Figure&);

/// Throws Error as draw() does where gnuplot is not installed, or does not start.
void check_gnuplot();

}  // namespace experiments
