// SPDX-License-Identifier: MIT
#include "experiments/plot.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "experiments/files.h"
#include "experiments/gnuplot_script.h"
#include "experiments/wrap_text.h"
#include "kernels/error.h"

namespace experiments {
namespace {

using kernels::require;

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

// What gnuplot says is wrong, '"figure.gnuplot" line 3: ...', which it prints below the line of the
// script; otherwise its first words.
std::string complaint(const std::string& output, const std::string& script) {
  const auto lines = wrap_text(output, 1000);
  for (const auto& line : lines)
    if (line.starts_with('"' + script + "\" line ")) return line;
  const auto first = std::ranges::find_if(lines, [](const auto& line) { return !line.empty(); });
  return first == lines.end() ? "it does not say why" : *first;
}

void run_gnuplot(const std::filesystem::path& script, const std::string& stem,
                 const std::string& kinds = "svg png") {
  int ends[2];
  require(pipe(ends) == 0, "cannot start gnuplot: {}", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::string assignment =
                  fmt::format("stem = {}; kinds = {}", gnuplot_string(stem), gnuplot_string(kinds)),
              path = script.string();
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
          "gnuplot, which draws the figures, is not installed: install the package gnuplot-nox");
  require(failed == 0, "cannot start gnuplot: {}", std::strerror(failed));
  int status = 0;
  waitpid(process, &status, 0);
  require(status == 0, "gnuplot failed on {}: {}", path, complaint(output, path));
}

// gnuplot does not notice a full disk.
bool is_whole(const std::string& file, const char* end) {
  return file.find(end, file.size() - std::min<std::size_t>(16, file.size())) != file.npos;
}

}  // namespace

void draw(const Figure& figure, const std::filesystem::path& stem) {
  check(figure);
  const std::filesystem::path script = stem.string() + ".gnuplot";
  write_file(script, gnuplot_script(figure, stem.filename().string()));
  const std::string drawn = stem.string() + ".drawing";
  const auto remove_drawn = [&] {
    for (const char* kind : {".svg", ".png"}) std::remove((drawn + kind).c_str());
  };
  try {
    run_gnuplot(script, drawn);
    const std::string svg = read_file(drawn + ".svg"), png = read_file(drawn + ".png");
    require(is_whole(svg, "</svg>") && is_whole(png, "IEND"),
            "gnuplot wrote only a part of {}.svg and .png: is the disk full?", stem.string());
    write_file(stem.string() + ".svg", svg);
    write_file(stem.string() + ".png", png);
  } catch (...) {
    remove_drawn();
    throw;
  }
  remove_drawn();
}

std::string svg_of(const Figure& figure) {
  std::string name = (std::filesystem::temp_directory_path() / "softlabel-figure-XXXXXX").string();
  require(mkdtemp(name.data()) != nullptr, "cannot make {}: {}", name, std::strerror(errno));
  const auto remove_all = [](const std::string* directory) {
    std::error_code ignored;
    std::filesystem::remove_all(*directory, ignored);
  };
  const std::unique_ptr<const std::string, decltype(remove_all)> directory(&name, remove_all);
  const std::filesystem::path stem = std::filesystem::path(name) / "figure";
  check(figure);
  write_file(stem.string() + ".gnuplot", gnuplot_script(figure, "figure"));
  run_gnuplot(stem.string() + ".gnuplot", stem.string(), "svg");
  const std::string svg = read_file(stem.string() + ".svg");
  require(is_whole(svg, "</svg>"), "gnuplot wrote only a part of a figure: is {} full?", name);
  return svg;
}

}  // namespace experiments
