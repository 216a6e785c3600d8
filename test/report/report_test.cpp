// SPDX-License-Identifier: MIT
#include "experiments/report/report.h"

#include <vector>

#include "engine/system/files.h"
#include "experiments/report/html.h"
#include "experiments/report/report_figures.h"
#include "test/support/catch.h"
#include "test/support/page.h"
#include "test/support/temporary_directory.h"

using namespace experiments;
using test::count;
using test::has;
using test::nesting_error;

namespace {

std::vector<FinishedRun> generations(int seeds) {
  std::vector<FinishedRun> runs;
  for (int seed = 0; seed < seeds; ++seed)
    for (int generation = 0; generation < 2; ++generation) {
      FinishedRun run{
          .name = "seed" + std::to_string(seed) + "-generation" + std::to_string(generation),
          .factors = {{"seed", seed}, {"generation", generation}},
          .result = {}};
      run.result.test.accuracy = 0.8 + 0.1 * generation + 0.01 * seed;
      run.result.epochs = 2;
      run.result.best_epoch = 1 + seed % 2;
      run.result.seconds = 60;
      run.result.images_per_second = 1234;
      runs.push_back(run);
    }
  return runs;
}

Figure small_figure(const std::string& title) {
  Figure figure{.title = title, .caption = "Caption", .panels = {}};
  Curve curve;
  curve.x = {0, 1};
  curve.y = {0.5, 0.75};
  figure.panels.push_back({"accuracy", "generation", "accuracy", {curve}});
  return figure;
}

}  // namespace

TEST_CASE("a report is one whole page with all its parts") {
  const test::TemporaryDirectory directory;
  std::vector<FinishedRun> runs = generations(2);
  for (FinishedRun& run : runs) {
    directory.write(run.name + "/epochs.csv",
                    "epoch,lr,train_loss,train_accuracy,val_accuracy,val_nll,seconds,images_per_s\n"
                    "1,0.1,2.5,0.25,0.2,2.25,1.0,100\n2,0.1,1.5,0.5,,,1.0,100\n");
    directory.write(run.name + "/result.json",
                    R"({"circumstances": {"device": "cpu", "threads": 2, "commit": "abc123"}})");
    run.result.test.calibration = Calibration{};
    run.result.test.calibration->reliability = {{10, 0.25, 0.2}, {0, 0, 0}, {30, 0.9, 0.8}};
  }
  const Claim claim{.name = "generations_raise_accuracy",
                    .statement = "Later generations are more accurate.",
                    .source = "Figure 1",
                    .comparisons = {{"test_accuracy", {{"generation", 1}}, {{"generation", 0}}}}};
  const Report report{
      .title = "Figure 1 <&>",
      .setting = "ResNet-8 & friends",
      .reduced = "The paper has \"ResNet-34\".",
      .figures = {{"figure1", small_figure("The figure")}, {"extra", small_figure("Another")}},
      .claims = {judge(claim, runs)},
      .about = {{"config", {{"model", "resnet8"}}}, {"path", "<data>"}}};
  write_report(directory.path(), report, runs);
  const std::string html = read_file(directory.path() / "report.html");

  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(nesting_error(html) == "");
  for (const char* elsewhere :
       {"\"http:", "\"https:", "<script", "<link", "@import", "src=\"/", "src=\"h"}) {
    INFO(elsewhere);
    CHECK_FALSE(has(html, elsewhere));
  }

  CHECK(count(html, "Figure 1 &lt;&amp;&gt;") == 2);
  CHECK(has(html, "ResNet-8 &amp; friends"));
  CHECK(has(html, "A reduced setting, not the paper's.</strong> The paper has &quot;ResNet-34"));
  // Two figures of the experiment, reliability, accuracy, loss.
  CHECK(count(html, "<img alt=") == 5);
  CHECK(count(html, "src=\"data:image/svg+xml,%3C") == 5);
  CHECK(count(html, "<img alt=\"The figure\"") == 1);
  CHECK(has(html, "✓ held</span> — Later generations are more accurate."));
  CHECK(has(html, "generation 1 against generation 0"));
  CHECK(has(html, "<td class=\"number\" data-name=\"test accuracy (%)\">80.5 ± 6.4</td>"));
  CHECK(has(html,
            "<th scope=\"row\" data-name=\"run\">seed1-generation0</th><td data-name=\"device\">cpu"
            "</td><td data-name=\"commit\">abc123</td><td class=\"number\" data-name=\"threads\">2"
            "</td>"));
  CHECK(has(html, "config.model"));
  CHECK(has(html, "&lt;data&gt;"));
  for (const char* file : {"figure1.svg", "figure1.png", "extra.svg", "claims.json"})
    CHECK(std::filesystem::exists(directory.path() / file));
}

TEST_CASE("a report has the paired differences to cross entropy and label smoothing") {
  const test::TemporaryDirectory directory;
  std::vector<FinishedRun> runs = generations(2);  // generation 1 is 10 points more accurate
  for (FinishedRun& run : runs) {
    run.factors["method"] = run.factors["generation"] == 0 ? "ce" : "beta";
    run.factors.erase("generation");
  }
  write_report(directory.path(), {.title = "Methods"}, runs);
  const std::string html = read_file(directory.path() / "report.html");
  CHECK(nesting_error(html) == "");
  CHECK(has(html, "<th scope=\"col\">less that of</th>"));
  CHECK(count(html,
              "<th scope=\"row\" data-name=\"method\">Beta smoothing</th>"
              "<td data-name=\"less that of\">cross entropy</td>"
              "<td class=\"number\" data-name=\"test accuracy (%)\">+10.0") == 1);
}

TEST_CASE("a report leaves out what there is not") {
  const test::TemporaryDirectory directory;
  write_report(directory.path(), {.title = "Alone"}, generations(1));
  const std::string html = read_file(directory.path() / "report.html");
  CHECK(nesting_error(html) == "");
  CHECK_FALSE(has(html, "<img"));
  CHECK_FALSE(has(html, "reduced setting"));
  CHECK_FALSE(has(html, "Calibration"));
  CHECK_FALSE(has(html, "Paired differences"));
  CHECK_FALSE(has(html, "configuration"));
  CHECK(has(html, "80.00</td>"));  // one seed: no interval
  CHECK(has(html, "seed0-generation1"));
}

TEST_CASE("the report of an experiment that goes on has its runs' states and loads itself") {
  const test::TemporaryDirectory directory;
  std::vector<FinishedRun> runs = generations(1);
  directory.write(runs[1].name + "/epochs.csv",
                  "epoch,train_accuracy,val_accuracy\n1,0.25,0.5\n2,0.5,0.75\n");
  const std::vector<RunState> states = {{runs[0].name, runs[0].factors, "finished"},
                                        {runs[1].name, runs[1].factors, "running <now>"}};
  const auto written = [&](std::span<const FinishedRun> finished, int refresh) {
    write_running_report(directory.path(), {.title = "T & T"}, "One is left.", states, finished,
                         refresh);
    return read_file(directory.path() / "report.html");
  };
  const std::string running = written({runs.data(), 1}, 10);
  CHECK(nesting_error(running) == "");
  CHECK(loads_itself(directory.path() / "report.html"));
  CHECK(has(running, "<meta http-equiv=\"refresh\" content=\"10\">"));
  CHECK(has(running, "One is left. Written "));
  CHECK(has(running, "<td>running &lt;now&gt;</td>"));
  CHECK(has(running, "80.00</td>"));
  CHECK(count(running, "<img alt=\"Accuracy by epoch\"") == 1);
  const std::string stopped = written({}, 0);
  CHECK(nesting_error(stopped) == "");
  CHECK_FALSE(has(stopped, "refresh"));
  CHECK_FALSE(has(stopped, "<h2>Means"));
  CHECK_FALSE(loads_itself(directory.path() / "report.html"));
}

TEST_CASE("training curves stand at the epochs of their rows") {
  const test::TemporaryDirectory directory;
  directory.write("seed0-generation0/epochs.csv",
                  "epoch,train_accuracy\n1,0.25\n5,0.5\nx,0.5\n5,0.5\n6,0.75\n");
  const Figure figure = accuracy_by_epoch(directory.path(), generations(1));
  REQUIRE(figure.panels.size() == 1);
  const Curve& curve = figure.panels[0].curves.at(0);
  CHECK(curve.x == std::vector<double>{1, 2, 5, 6});
  CHECK(curve.y == std::vector<std::optional<double>>{25, std::nullopt, 50, 75});
}

TEST_CASE("a damaged log draws what is sound of it") {
  const test::TemporaryDirectory directory;
  directory.write("seed0-generation0/epochs.csv",
                  "epoch,train_accuracy,train_accuracy\n1,0.25,0.5\nnan,0.5,1\n2,inf,1\ninf,1,1\n");
  const Figure figure = accuracy_by_epoch(directory.path(), generations(1));
  REQUIRE(figure.panels.size() == 1);
  const Curve& curve = figure.panels[0].curves.at(0);
  CHECK(curve.x == std::vector<double>{1, 2});
  CHECK(curve.y == std::vector<std::optional<double>>{25, std::nullopt});
}

TEST_CASE("training is shown by a line for each run, with gaps where there is no value") {
  const test::TemporaryDirectory directory;
  const std::string head = "epoch,lr,train_loss,train_accuracy,val_accuracy,val_nll\n";
  directory.write("seed0-generation0/epochs.csv", head + "1,0.1,2,0.25,0.5,\n2,0.1,1,0.5,0.75,9\n");
  directory.write("seed1-generation0/epochs.csv", head + "1,0.1,4,0.75,,1\n");
  const Figure accuracy = accuracy_by_epoch(directory.path(), generations(2));
  REQUIRE(accuracy.panels.size() == 1);  // nothing is known of generation 1
  CHECK(accuracy.panels[0].title == "generation 0");
  CHECK(accuracy.same_y);
  const std::vector<Curve>& curves = accuracy.panels[0].curves;
  REQUIRE(curves.size() == 4);
  using Values = std::vector<std::optional<double>>;
  CHECK(curves[0].x == std::vector<double>{1, 2});
  CHECK(curves[0].y == Values{25, 50});
  CHECK(curves[1].y == Values{50, 75});
  CHECK(curves[2].y == Values{75});
  CHECK(curves[3].y == Values{std::nullopt});
  const Figure loss = loss_by_epoch(directory.path(), generations(2));
  CHECK(loss.panels.at(0).curves.at(1).y == Values{std::nullopt, 9});
}

TEST_CASE("panels are wide enough for their titles") {
  const auto columns_of = [](const std::string& value) {
    std::vector<FinishedRun> runs;
    for (int i = 0; i < 5; ++i) {
      FinishedRun& run = runs.emplace_back();
      run.factors = {{"method", value + std::to_string(i)}};
      run.result.test.calibration = Calibration{};
      run.result.test.calibration->reliability = {{1, 0.25, 0}};
    }
    return reliability_figure(runs).columns;
  };
  CHECK(columns_of("sd") == 4);
  CHECK(columns_of(std::string(40, 'x')) == 3);
  CHECK(columns_of(std::string(60, 'x')) == 2);
  CHECK(columns_of("Fashion-MNIST, ResNet-8, smoothing ") == 3);
  CHECK(columns_of("Fashion-MNIST, DenseNet-BC-16-12, smoothing ") == 2);
}

TEST_CASE("reliability puts the bins of the repeats together") {
  std::vector<FinishedRun> runs = generations(2);
  for (FinishedRun& run : runs) run.result.test.calibration = Calibration{};
  runs[0].result.test.calibration->reliability = {{1, 0.25, 0}, {0, 0, 0}, {9, 0.75, 0.5}};
  runs[2].result.test.calibration->reliability = {{3, 0.125, 1}, {0, 0, 0}, {7, 0.75, 0.5}};
  runs[3].result.test.calibration.reset();
  const Figure figure = reliability_figure(runs);
  REQUIRE(figure.panels.size() == 1);  // generation 1 has none
  const Panel& panel = figure.panels[0];
  CHECK(panel.shares == std::vector<double>{0.2, 0, 0.8});
  CHECK(panel.curves.at(0).x == std::vector<double>{0.15625, 0.75});
  CHECK(panel.curves.at(0).y == std::vector<std::optional<double>>{0.75, 0.5});
}

TEST_CASE("a picture stands in the page, whatever its bytes are") {
  CHECK(svg_image("<svg a='b' c=\"#d\">\n100 % é</svg>", "a \"label\"") ==
        "<img alt=\"a &quot;label&quot;\" src=\"data:image/svg+xml,%3Csvg%20a='b'%20c=%22%23d%22%3E"
        "%0A100%20%25%20%C3%A9%3C/svg%3E\">");
}

TEST_CASE("text is escaped for content and attributes") {
  CHECK(escape_html("a<b & \"c\" 'd' >\x01\n é") ==
        "a&lt;b &amp; &quot;c&quot; &#39;d&#39; &gt;\n é");
  const std::string table = to_html({.head = {"<h>", "n"}, .html_rows = {{"<b>x</b>", "1"}}});
  CHECK(has(table, "<th scope=\"col\">&lt;h&gt;</th><th scope=\"col\" class=\"number\">n</th>"));
  CHECK(has(table, "<th scope=\"row\"><b>x</b></th><td class=\"number\">1</td>"));
}
