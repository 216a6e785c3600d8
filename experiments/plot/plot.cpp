// SPDX-License-Identifier: MIT
#include "experiments/plot/plot.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "engine/process/processes.h"
#include "engine/system/files.h"
#include "engine/system/wrap_text.h"
#include "experiments/plot/gnuplot_script.h"
#include "kernels/runtime/system_error.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
using kernels::require;
using kernels::require_system;

void check(const Figure& figure) {
  require(!figure.panels.empty() && figure.columns > 0, "plot: the figure has no panels");
  for (const auto& panel : figure.panels) {
    require(panel.estimates.empty() || panel.curves.empty(),
            "plot: panel '{}' has both curves and estimates", panel.title);
    require(panel.names.empty() || (panel.curves.empty() && panel.estimates.empty()),
            "plot: panel '{}' is a matrix, and has curves or estimates", panel.title);
    const auto names = int(panel.names.size());
    for (const Cell& c : panel.cells)
      require(c.row >= 0 && c.row < names && c.column >= 0 && c.column < names,
              "plot: panel '{}' has a cell at ({}, {}), but {} names", panel.title, c.row, c.column,
              names);
    for (const auto& curve : panel.curves) {
      const auto fits = [&](std::size_t n) { return n == 0 || n == curve.x.size(); };
      require(curve.y.size() == curve.x.size() && fits(curve.half_width.size()) &&
                  fits(curve.repeats.size()),
              "plot: a curve of panel '{}' has {} x, {} y, {} half widths and {} sets of repeats",
              panel.title, curve.x.size(), curve.y.size(), curve.half_width.size(),
              curve.repeats.size());
      for (const double x : curve.x) {
        require(!panel.log_x || x > 0, "plot: panel '{}' has x = {:g} on a logarithmic axis",
                panel.title, x);
        require(panel.categories.empty() || (x >= 0 && x < double(panel.categories.size())),
                "plot: panel '{}' has x = {:g}, but {} categories", panel.title, x,
                panel.categories.size());
      }
    }
  }
}

// The error that gnuplot reports, '"figure.gnuplot" line 3: ...', which it prints below the line of
// the script; otherwise its first words.
std::string complaint(const std::string& output, const std::string& script) {
  const auto lines = wrap_text(output, 1000);
  for (const auto& line : lines)
    if (line.starts_with('"' + script + "\" line ")) return line;
  const auto first = std::ranges::find_if(lines, [](const auto& line) { return !line.empty(); });
  return first == lines.end() ? "it does not say why" : *first;
}

void run_gnuplot(const fs::path& script, const std::string& stem, const std::string& kinds) {
  const std::string values =
      fmt::format("stem = {}; kinds = {}", gnuplot_string(stem), gnuplot_string(kinds));
  const auto ended = run_to_end({"gnuplot", "-d", "-e", values, script.string()});
  require(ended.has_value(),
          "gnuplot, which draws the figures, is not installed: install the package gnuplot-nox");
  require(ended->status == 0, "gnuplot failed on {}: {}", script.string(),
          complaint(ended->errors, script.string()));
}

/// A directory of its own for what gnuplot draws: another process may draw the same figure. It is
/// locked as long as its process lives, and those of killed ones are taken away.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    const fs::path place = fs::temp_directory_path(error);
    require(!error, "figures are drawn in a directory for temporary files, and TMPDIR is none: {}",
            error.message());
    // What cannot be read or removed stays.
    for (fs::directory_iterator entry(place, error), end; !error && entry != end;
         entry.increment(error))
      if (entry->path().filename().native().starts_with(start)) remove_if_free(entry->path());
    while (!make(place)) {
    }
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
    close(lock_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string stem() const { return directory_ + "/figure"; }

  std::string drawn(const std::string& ending, const char* end) const {
    std::string file = read_file(stem() + ending);
    // gnuplot does not notice a full disk.
    require(file.find(end, file.size() - std::min<std::size_t>(16, file.size())) != file.npos,
            "gnuplot wrote only a part of a figure: is {} full?", directory_);
    return file;
  }

 private:
  static constexpr std::string_view start = "softlabel-figure-";

  /// False if it was taken away as one of a killed process, before it was locked.
  bool make(const fs::path& place) {
    directory_ = place / (std::string(start) + "XXXXXX");
    require_system(mkdtemp(directory_.data()) != nullptr, "cannot make {}", directory_);
    lock_ = open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool taken = flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!taken && fs::exists(directory_)) return true;
    close(lock_);
    return false;
  }

  static void remove_if_free(const fs::path& directory) {
    std::error_code ignored;
    struct stat about {};
    const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0 && fstat(file, &about) == 0 && about.st_uid == geteuid() &&
        flock(file, LOCK_EX | LOCK_NB) == 0)
      fs::remove_all(directory, ignored);
    close(file);
  }

  std::string directory_;
  int lock_;
};

std::string drawn_file(const Figure& figure, const std::string& kind, const char* end) {
  check(figure);
  const Scratch scratch;
  const std::string script = scratch.stem() + ".gnuplot";
  write_file(script, gnuplot_script(figure, "figure"));
  run_gnuplot(script, scratch.stem(), kind);
  return scratch.drawn('.' + kind, end);
}

}  // namespace

void draw(const Figure& figure, const fs::path& stem) {
  check(figure);
  const fs::path script = stem.string() + ".gnuplot";
  write_file(script, gnuplot_script(figure, stem.filename().string()));
  const Scratch scratch;
  run_gnuplot(script, scratch.stem(), "svg png");
  const std::string svg = scratch.drawn(".svg", "</svg>"), png = scratch.drawn(".png", "IEND");
  write_file(stem.string() + ".svg", svg);
  write_file(stem.string() + ".png", png);
}

std::string svg_of(const Figure& figure) { return drawn_file(figure, "svg", "</svg>"); }
std::string png_of(const Figure& figure) { return drawn_file(figure, "png", "IEND"); }

void check_gnuplot() { run_gnuplot("/dev/null", "", ""); }

}  // namespace experiments
