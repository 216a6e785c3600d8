// SPDX-License-Identifier: MIT
#include "experiments/plot/plot.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <set>

#include "engine/process/processes.h"
#include "engine/system/files.h"
#include "experiments/plot/gnuplot_script.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/temporary_directory.h"
#include "test/support/variable.h"

using namespace experiments;
using test::Variable;
namespace fs = std::filesystem;

namespace {

Curve curve_of(int points, int runs) {
  Curve curve;
  for (int i = 0; i < points; ++i) {
    curve.x.push_back(i);
    curve.y.push_back(0.8 + 0.01 * i);
    curve.half_width.push_back(runs > 1 ? 0.004 : 0);
    curve.repeats.emplace_back();
    for (int r = 0; r < runs; ++r) curve.repeats.back().push_back(0.8 + 0.01 * i + 0.001 * r);
  }
  return curve;
}

Figure four_panels(const Curve& curve) {
  Figure figure{.title = "Title", .caption = "Caption", .panels = {}, .columns = 2};
  for (const char* name : {"accuracy", "NLL", "uncertainty", "diversity"})
    figure.panels.push_back({name, "generation", name, {curve}});
  return figure;
}

std::string error_of(const Figure& figure, const fs::path& stem) {
  try {
    draw(figure, stem);
  } catch (const kernels::Error& error) {
    return error.what();
  }
  return "";
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// The output of gnuplot for the script that is left beside a figure: it can be run by hand.
std::string complaints(const fs::path& script) {
  const std::string command = "cd \"" + script.parent_path().string() + "\" && gnuplot -d \"" +
                              script.filename().string() + "\" 2>&1";
  std::FILE* output = popen(command.c_str(), "r");
  REQUIRE(output);
  std::string text;
  for (int c; (c = std::fgetc(output)) != EOF;) text += char(c);
  CHECK(pclose(output) == 0);
  return text;
}

void fake_gnuplot(const fs::path& directory, const std::string& body) {
  write_file(directory / "gnuplot", "#!/bin/sh\n" + body);
  chmod((directory / "gnuplot").c_str(), 0755);
}

}  // namespace

TEST_CASE("a figure is drawn whole, and its script draws it again") {
  const test::TemporaryDirectory directory;
  const auto stem = directory.path() / "a b's" / "figure1";
  fs::create_directory(stem.parent_path());
  Figure figure = four_panels(curve_of(10, 3));
  SECTION("as it is") {}
  SECTION("one run of one generation") { figure = four_panels(curve_of(1, 1)); }
  SECTION("gaps, and no value at all") {
    figure.panels[0].curves[0].y[3].reset();
    figure.panels[0].curves[0].y[5] = -std::numeric_limits<double>::infinity();
    for (auto& y : figure.panels[1].curves[0].y) y.reset();
    figure.panels[2].curves.clear();
    for (auto& y : figure.panels[3].curves[0].y) y = 0.5;
    figure.panels[3].curves[0].half_width.clear();
    figure.panels[3].curves[0].repeats.clear();
  }
  SECTION("several curves, in three columns") {
    for (auto& panel : figure.panels)
      for (int i = 0; i < 9; ++i) {
        panel.curves.push_back(curve_of(5, 2));
        panel.curves.back().label = "a rather long label, number " + std::to_string(i);
      }
    figure.columns = 3;
  }
  SECTION("x that is not whole") {
    for (auto& x : figure.panels[0].curves[0].x) x = 0.5 + 0.25 * x;
  }
  SECTION("bars, levels, a logarithmic axis, a reliability diagram, on a narrow page") {
    for (auto& panel : figure.panels) panel.curves[0].label = "method";
    figure.panels[0].categories = {"a", "b's", "a long name of a category", "d", "e", "f", "g", "h",
                                   "i", "j"};
    figure.panels[1].levels = {{"best", 0.9}, {"worst", 0.7}, {"none", -INFINITY}};
    for (auto& x : figure.panels[2].curves[0].x) x = std::exp2(x);
    figure.panels[2].log_x = true;
    for (auto& x : figure.panels[3].curves[0].x) x /= 10;
    figure.panels[3].shares = {0.1, 0.2, 0.7};
    figure.columns = 1;
    figure.width = 400;
  }
  draw(figure, stem);
  const std::string svg = read_file(stem.string() + ".svg"),
                    png = read_file(stem.string() + ".png");
  CHECK(svg.starts_with("<?xml"));
  CHECK(svg.find("</svg>") != svg.npos);
  CHECK(svg.find("sans-serif") != svg.npos);
  for (const char* text : {"Title", "Caption", "accuracy", "NLL", "uncertainty", "diversity"})
    CHECK(svg.find(text) != svg.npos);
  REQUIRE(png.size() > 24);
  CHECK(png.substr(1, 3) == "PNG");
  const auto width =
      static_cast<unsigned char>(png[18]) * 256 + static_cast<unsigned char>(png[19]);
  CHECK(width == 2 * figure.width);

  CHECK(complaints(stem.string() + ".gnuplot") == "");
  CHECK(read_file(stem.string() + ".svg") == svg);
  CHECK(svg_of(figure) == svg);
  CHECK(std::distance(fs::directory_iterator(stem.parent_path()), fs::directory_iterator()) == 3);
}

TEST_CASE("text comes out as it was given") {
  const test::TemporaryDirectory directory;
  const auto stem = directory.path() / "text";
  const std::string special = R"(_a ^b @c {d} ~e % "f" 'g' $h `i` \n #j)";
  Figure figure = four_panels(curve_of(3, 1));
  figure.title = special;
  figure.caption = special + "\nα = 0\tend";
  figure.panels[0].title = figure.panels[0].x_label = figure.panels[0].y_label = special;
  figure.panels[0].curves[0].label = special;
  figure.panels[1].curves[0].label = "a < b & c > d";
  draw(figure, stem);
  const std::string svg = read_file(stem.string() + ".svg");
  CHECK(count(svg, special) >= 4);  // the axis labels may be wrapped
  CHECK(svg.find("α = 0 end") != svg.npos);
  CHECK(svg.find("a &lt; b &amp; c > d") != svg.npos);
  CHECK(complaints(stem.string() + ".gnuplot") == "");
}

TEST_CASE("missing values are gaps in the data, and single values get a bar") {
  Curve curve = curve_of(5, 3);
  curve.y[1].reset();
  const std::string script = gnuplot_script(four_panels(curve), "figure");
  CHECK(script.find("0 0.8 0.796 0.804 1\n\n2 0.82 0.816 0.824 0\n3 0.83") != script.npos);
  CHECK(script.find("with vectors") != script.npos);
  CHECK(gnuplot_script(four_panels(curve_of(5, 3)), "figure").find("with vectors") == script.npos);
}

TEST_CASE("whole numbers get whole tics") {
  const auto tics = [](int points) {
    const std::string script = gnuplot_script(four_panels(curve_of(points, 1)), "figure");
    const auto at = script.find("set xtics ");
    return script.substr(at + 10, script.find('\n', at) - at - 10);
  };
  CHECK(tics(1) == "0,1");
  CHECK(tics(10) == "0,1");
  CHECK(tics(12) == "0,2");
  CHECK(tics(101) == "0,10");
}

TEST_CASE("ticks are round numbers, few enough for a narrow panel") {
  Figure figure = four_panels(curve_of(151, 1));
  for (auto& panel : figure.panels) panel.curves[0].x.erase(panel.curves[0].x.begin());
  for (auto& panel : figure.panels) panel.curves[0].y.pop_back();
  for (auto& panel : figure.panels) panel.curves[0].half_width = {};
  for (auto& panel : figure.panels) panel.curves[0].repeats = {};
  figure.columns = 4;
  CHECK(gnuplot_script(figure, "figure").find("set xtics 50,50\n") != std::string::npos);
}

TEST_CASE("of curves with one label the first alone has marks") {
  Figure figure = four_panels(curve_of(3, 1));
  figure.panels.resize(1);
  figure.panels[0].curves = {curve_of(3, 1), curve_of(3, 1), curve_of(3, 1)};
  figure.panels[0].curves[0].label = figure.panels[0].curves[2].label = "run";
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(count(script, "with linespoints") == 2);
  CHECK(count(script, "$mean_1_3 using 1:2 with lines ") == 1);
}

TEST_CASE("bars stand side by side, in one colour for each curve") {
  Figure figure = four_panels(curve_of(2, 3));
  figure.panels.resize(1);
  Panel& panel = figure.panels[0];
  panel.categories = {"ResNet", "DenseNet"};
  panel.curves = {curve_of(2, 3), curve_of(2, 3)};
  panel.curves[0].label = "CE";
  panel.curves[1].label = "SD";
  const std::string cut = gnuplot_script(figure, "figure");
  CHECK(cut.find("set xtics ('ResNet' 0, 'DenseNet' 1)") != cut.npos);
  CHECK(count(cut, "set object rectangle") == 2);  // the key

  // Values from 0.8 to 0.81: bars from 0 would all look alike. The axis says that it starts
  // elsewhere, and points stand there, as bars would be of any length.
  CHECK(count(cut, "with boxes") == 0);
  CHECK(cut.find("$mean_1_2 using ($1 + 0.2):2 with points") != cut.npos);
  CHECK(cut.find("axis cut") != cut.npos);
  CHECK(cut.find("set yrange [0:") == cut.npos);
  panel.curves[1].y[0] = 0.1;
  const std::string whole = gnuplot_script(figure, "figure");
  CHECK(whole.find("axis cut") == whole.npos);
  CHECK(whole.find("$mean_1_1 using ($1 + -0.2):2:(0.4) with boxes") != whole.npos);
  CHECK(whole.find("$mean_1_2 using ($1 + 0.2):2:(0.4) with boxes") != whole.npos);
  CHECK(whole.find("set yrange [0:") != whole.npos);
}

TEST_CASE("bars and curves stay different when there are more of them than colours") {
  Figure figure = four_panels(curve_of(2, 1));
  figure.panels.resize(1);
  Panel& panel = figure.panels[0];
  panel.curves.clear();
  for (int i = 0; i < 9; ++i) {
    panel.curves.push_back(curve_of(2, 1));
    panel.curves.back().label = "method " + std::to_string(i);
  }
  const auto looks = [&](const std::string& before) {
    const std::string script = gnuplot_script(figure, "figure");
    std::set<std::string> found;
    for (auto at = script.find(before); at != script.npos; at = script.find(before, at + 1)) {
      std::string look = script.substr(at, script.find('\n', at) - at);
      look = look.substr(0, look.find(", \\"));  // what follows is the next curve's
      found.insert(look);
    }
    return found;
  };
  CHECK(looks("lw 1.8 pt ").size() == 9);
  panel.categories = {"ResNet", "DenseNet"};
  const auto bars = looks("fs ");  // in the panel and in the key
  CHECK(bars.size() == 9);
  CHECK(std::ranges::count_if(bars, [](auto& look) { return look.starts_with("fs pattern"); }) ==
        2);
}

TEST_CASE("panels can share one value axis") {
  Figure figure = four_panels(curve_of(3, 1));
  figure.panels[2].curves[0].y[0] = 0;
  figure.panels[3].curves[0].y[0] = 2;
  CHECK(count(gnuplot_script(figure, "figure"), "set yrange [-0.14:2.14]") == 0);
  figure.same_y = true;
  CHECK(count(gnuplot_script(figure, "figure"), "set yrange [-0.14:2.14]") == 4);
}

TEST_CASE("axes of percentages end at 0 and at 100") {
  Figure figure = four_panels(curve_of(3, 1));
  figure.panels[0].curves[0].y = {1, 40, 99};
  figure.panels[1].curves[0].y = {40, 50, 60};
  figure.panels[1].curves[0].half_width = {90, 90, 90};
  figure.panels[2].curves[0].y = {100, 100, 100};
  figure.panels[3].curves[0].y = {0, 0, 0};
  for (auto& panel : figure.panels) panel.curves[0].repeats.clear();
  for (std::size_t p : {0, 2, 3}) figure.panels[p].curves[0].half_width.clear();
  CHECK(gnuplot_script(figure, "figure").find("set yrange [0:100]") == std::string::npos);
  for (auto& panel : figure.panels) panel.range = experiments::from(0, 100);
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(count(script, "set yrange [0:100]") == 2);
  CHECK(count(script, "set yrange [95:100]") == 1);
  CHECK(count(script, "set yrange [0:1]") == 1);
}

TEST_CASE("levels are in the key and within the axis") {
  Figure figure = four_panels(curve_of(3, 1));
  for (auto& panel : figure.panels) panel.levels = {{"best generation", 2.0}};
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(count(script, "'best generation'") == 1);
  CHECK(count(script, "first 2 nohead") == 4);
  CHECK(script.find("set yrange [0.716:2.084]") != script.npos);

  // Two levels keep their patterns of dashes in the SVG.
  for (auto& panel : figure.panels) panel.levels.push_back({"worst generation", 1.0});
  const std::string svg = svg_of(figure);
  std::set<std::string> patterns;
  for (auto at = svg.find("dasharray='"); at != svg.npos; at = svg.find("dasharray='", at + 1))
    patterns.insert(svg.substr(at, svg.find('\'', at + 11) - at));
  CHECK(patterns.size() == 2);
}

TEST_CASE("a logarithmic axis has a tick at each x") {
  Figure figure = four_panels(curve_of(3, 1));
  figure.panels[0].curves[0].x = {1, 2.5, 10};
  figure.panels[0].log_x = true;
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(count(script, "set logscale x") == 1);
  CHECK(script.find("set xtics ('1' 1, '2.5' 2.5, '10' 10)") != script.npos);
}

TEST_CASE("a logarithmic value axis has ticks at 1, 2 and 5, or at powers of ten") {
  Figure figure = four_panels(curve_of(3, 1));
  Panel& panel = figure.panels[0];
  panel.log_y = true;
  const auto script_with = [&](double low, double high) {
    Curve curve = curve_of(3, 1);
    curve.y = {low, high, high};
    curve.half_width.clear();
    curve.repeats.clear();
    panel.curves = {curve};
    return gnuplot_script(figure, "figure");
  };
  const std::string near = script_with(0.3, 20), far = script_with(1e-4, 30);
  CHECK(count(near, "set logscale y 10") == 1);
  CHECK(near.find("set ytics ('0.5' 0.5, '1' 1, '2' 2, '5' 5, '10' 10, '20' 20)") != near.npos);
  CHECK(far.find("set ytics ('0.0001' 0.0001, '0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1, "
                 "'10' 10)") != far.npos);
  CHECK(count(script_with(0, 20), "set logscale y") == 0);
  panel.curves[0].y = {{}, {}, {}};
  CHECK(count(gnuplot_script(figure, "figure"), "set logscale y") == 0);
}

TEST_CASE("values that differ by rounding alone have room on their axis") {
  Figure figure = four_panels(curve_of(3, 1));
  Panel& panel = figure.panels[0];
  panel.range = from(0, 100);
  panel.curves[0].y = {100, 100, 100};
  panel.curves[0].half_width = {1e-13, 0, 1e-13};
  panel.curves[0].repeats.clear();
  CHECK(count(gnuplot_script(figure, "figure"), "set yrange [95:100]") == 1);
}

TEST_CASE("a reliability diagram has both axes from 0 to 1") {
  Figure figure = four_panels(curve_of(3, 1));
  figure.panels[0].shares = {0.25, 0.75};
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(script.find("set xrange [0:1]\nset yrange [0:1]\n") != script.npos);
  CHECK(script.find("0.25 0.25 0.5\n0.75 0.75 0.5\n") != script.npos);
}

TEST_CASE("curves whose columns differ in length are refused") {
  Figure figure = four_panels(curve_of(3, 2));
  figure.panels[2].curves[0].y.pop_back();
  CHECK(error_of(figure, "/nonexistent/x").starts_with("plot: a curve of panel 'uncertainty'"));
  CHECK(error_of({}, "/nonexistent/x") == "plot: the figure has no panels");
  figure = four_panels(curve_of(3, 2));
  figure.panels[1].log_x = true;
  CHECK(error_of(figure, "/nonexistent/x") == "plot: panel 'NLL' has x = 0 on a logarithmic axis");
  figure.panels[1].log_x = false;
  figure.panels[1].categories = {"a", "b"};
  CHECK(error_of(figure, "/nonexistent/x") == "plot: panel 'NLL' has x = 2, but 2 categories");
}

TEST_CASE("a figure that cannot be drawn leaves the old one") {
  const test::TemporaryDirectory directory, programs;
  const auto stem = directory.path() / "figure";
  write_file(stem.string() + ".svg", "old");
  const Figure figure = four_panels(curve_of(3, 2));
  const test::TemporaryDirectory scratch;
  const Variable path("PATH", programs.path()), temporary("TMPDIR", scratch.path());

  SECTION("without gnuplot") {
    CHECK(error_of(figure, stem).find("install the package gnuplot-nox") != std::string::npos);
  }
  SECTION("gnuplot finds an error") {
    fake_gnuplot(programs.path(), R"(echo >&2
echo 'set what line 3' >&2
echo "\"$4\" line 3: unrecognized option" >&2
exit 1
)");
    const auto error = error_of(figure, stem);
    INFO(error);
    CHECK(error.ends_with("figure.gnuplot\" line 3: unrecognized option"));
    CHECK(count(error, "\n") == 0);
  }
  SECTION("gnuplot cannot start as it should") {
    fake_gnuplot(programs.path(),
                 "echo 'error while loading shared libraries: libX' >&2; exit 127\n");
    CHECK(error_of(figure, stem).ends_with(": error while loading shared libraries: libX"));
  }
  SECTION("gnuplot stops half way without a word") {
    fake_gnuplot(programs.path(), R"(stem=${3#stem = \'}
echo '<svg>' > "${stem%%\'*}.svg"
)");
    CHECK(error_of(figure, stem).find("wrote only a part") != std::string::npos);
    CHECK_THROWS_AS(svg_of(figure), kernels::Error);
  }
  CHECK(read_file(stem.string() + ".svg") == "old");
  CHECK_FALSE(fs::exists(stem.string() + ".png"));
  CHECK(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()) == 2);
  CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("drawing takes away what killed processes left, and leaves what living ones have") {
  const test::TemporaryDirectory temporary;
  const Variable place("TMPDIR", temporary.path());
  temporary.write("softlabel-figure-dead/figure.svg", "half");
  temporary.write("softlabel-figure-living/figure.svg", "half");
  const auto living = temporary.path() / "softlabel-figure-living";
  const int lock = open(living.c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(flock(lock, LOCK_EX) == 0);
  svg_of(four_panels(curve_of(3, 2)));
  CHECK_FALSE(fs::exists(temporary.path() / "softlabel-figure-dead"));
  CHECK(fs::exists(living / "figure.svg"));
  CHECK(std::distance(fs::directory_iterator(temporary.path()), fs::directory_iterator()) == 1);
  close(lock);
}

TEST_CASE("processes may draw one figure at once") {
  const test::TemporaryDirectory directory;
  const auto stem = directory.path() / "figure";
  const Figure figure = four_panels(curve_of(3, 2));
  const auto draw_often = [&](int) {
    for (int i = 0; i < 4; ++i) draw(figure, stem);
  };
  CHECK_NOTHROW(run_processes(3, directory.path() / "jobs", draw_often, [] {}));
  CHECK(read_file(stem.string() + ".svg") == svg_of(figure));
}

TEST_CASE("a forest plot has a row for each estimate, with two intervals") {
  Figure figure{.title = "Differences", .caption = "", .panels = {}, .columns = 1};
  figure.panels.push_back({.title = "accuracy", .x_label = "", .y_label = "", .curves = {}});
  figure.panels[0].estimates = {{"it's a against b", 1.5, 1, 2, 0.5, 2.5},
                                {"c against d", -0.25, -0.75, 0.25, -2.25, 1.75}};
  figure.panels[0].margin = 0.5;
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(script.find("set ytics ('it''s a against b' 0, 'c against d' 1)") != script.npos);
  CHECK(script.find("0 1.5 1 1\n") != script.npos);        // row, mean, lower end, length
  CHECK(script.find("1 -0.25 -2.25 4\n") != script.npos);  // adjusted
  CHECK(script.find("rectangle from -0.5, graph 0 to 0.5, graph 1") != script.npos);
  CHECK(svg_of(figure).find("c against d") != std::string::npos);
  figure.panels[0].curves = {Curve{}};
  CHECK_THROWS_AS(svg_of(figure), kernels::Error);
}

TEST_CASE("bands end where their values do") {
  Figure figure{.title = "ECE", .caption = "", .panels = {}};
  Curve curve{.label = "", .x = {0, 1}, .y = {1, 99}, .half_width = {3, 5}, .repeats = {}};
  for (const experiments::Range range : {experiments::from(0, 100), experiments::at_least(0)})
    figure.panels.push_back(
        {.title = "", .x_label = "", .y_label = "", .curves = {curve}, .range = range});
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(count(script, "0 1 0 4 0\n") == 2);
  CHECK(count(script, "1 99 94 100 0\n") == 1);
  CHECK(count(script, "1 99 94 104 0\n") == 1);
  CHECK(count(script, "set yrange [0:100]") == 1);
}

TEST_CASE("a matrix has a row and a column for each name, shaded by its share") {
  Figure figure{.title = "Confusion", .caption = "", .panels = {}, .columns = 1, .width = 440};
  figure.panels.push_back({.title = "", .x_label = "taken for", .y_label = "class", .curves = {}});
  Panel& panel = figure.panels[0];
  panel.names = {"it's", "3.5%d"};
  panel.cells = {{0, 0, 1, "9"}, {1, 0, 0.25, "1"}, {1, 1, 0.75, "3"}};
  const std::string script = gnuplot_script(figure, "figure");
  CHECK(script.find("0 0 1 \"9\"\n1 0 -0.5 \"1\"\n1 1 0.866 \"3\"\n") != script.npos);
  CHECK(script.find("set ytics ('it''s' 0, '3.5%%d' 1) scale 0") != script.npos);
  CHECK(script.find("set xrange [-0.5:1.5]\nset yrange [1.5:-0.5]\n") !=
        script.npos);  // from the top
  const std::string svg = svg_of(figure), png = png_of(figure);
  CHECK(count(svg, ">it's</tspan>") + count(svg, "it's") >= 2);
  CHECK(count(svg, "3.5%d") == 2);
  CHECK(png.substr(1, 3) == "PNG");

  panel.cells.push_back({0, 2, 1, ""});
  CHECK_THROWS_AS(svg_of(figure), kernels::Error);
  panel.cells.pop_back();
  panel.curves = {Curve{}};
  CHECK_THROWS_AS(svg_of(figure), kernels::Error);
}

TEST_CASE("a matrix is square, whatever its names, and names as many rows as can be read") {
  const auto [classes, length, step] = GENERATE(table<int, int, int>(
      {{3, 5, 1}, {3, 60, 1}, {20, 12, 1}, {100, 24, 1}, {200, 12, 2}, {1000, 40, 7}}));
  CAPTURE(classes, length);
  Figure figure{.title = "Confusion", .caption = "", .panels = {}, .columns = 1, .width = 1000};
  figure.panels.push_back({.title = "", .x_label = "taken for", .y_label = "class", .curves = {}});
  for (int i = 0; i < classes; ++i) figure.panels[0].names.emplace_back(std::size_t(length), 'n');
  const std::string script = gnuplot_script(figure, "figure");
  const auto number = [&](const std::string& before) {
    return std::stod(script.substr(script.find(before) + before.size()));
  };
  const std::string page = "set terminal svg size 1000,";
  const double height = number(page);
  const double side = 1000 * (number("set rmargin at screen ") - number("set lmargin at screen "));
  const double top = number("set tmargin at screen "), bottom = number("set bmargin at screen ");
  CHECK(std::abs(height * (top - bottom) - side) < 1e-3 * side);
  CHECK(side > 750);
  CHECK(number("set lmargin at screen ") * 1000 > 0.5 * 5 * std::min(length, 24));
  const std::string ticks = script.substr(script.find("set ytics ("));
  CHECK(count(ticks.substr(0, ticks.find('\n')), "'nnn") == (classes + step - 1) / step);
  CHECK(count(script, "…") == (length > 24 ? 2 * ((classes + step - 1) / step) : 0));
}
