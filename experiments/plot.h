// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

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

struct Panel {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
};

struct Figure {
  std::string title;
  std::string caption;  // small, below: what ran, on what, how reduced
  std::vector<Panel> panels;
  int columns = 2;
};

/// Draws with gnuplot to `stem`.svg and `stem`.png (1600 pixels wide). Leaves `stem`.gnuplot beside
/// them, with the data in it, so that the picture can be restyled by hand. Throws Error if gnuplot
/// is not installed (naming the package gnuplot-nox) or fails.
void draw(const Figure&, const std::filesystem::path& stem);

}  // namespace experiments
