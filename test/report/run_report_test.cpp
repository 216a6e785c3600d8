// SPDX-License-Identifier: MIT
#include "experiments/report/run_report.h"

#include <fmt/format.h>

#include "engine/system/files.h"
#include "experiments/report/html.h"
#include "test/support/catch.h"
#include "test/support/page.h"
#include "test/support/temporary_directory.h"
#include "test/support/variable.h"

using namespace experiments;
using test::count;
using test::has;
using test::nesting_error;

namespace {

const RunConfig config = make_config({{"dataset", "fashion-mnist"}, {"epochs", 4}});

void write_epochs(const test::TemporaryDirectory& directory, int epochs) {
  std::string text = "epoch,lr,train_loss,train_accuracy,val_accuracy,val_nll\n";
  for (int e = 1; e <= epochs; ++e) text += std::to_string(e) + ",0.1,2,0.25,0.5,1\n";
  directory.write("run/epochs.csv", text);
}

ShownErrors errors_of(int classes) {
  ShownErrors shown;
  shown.errors.classes = classes;
  for (int c = 0; c < classes; ++c) {
    shown.classes.push_back("<" + std::to_string(c) + " & \"Bär\">");
    shown.errors.counts[{c, c}] = 3;
  }
  shown.errors.counts[{1, 0}] = 2;
  shown.errors.mistakes = {{7, 1, 0, 0.987}, {9, 1, 0, 0.75}};
  shown.images = {{"a<b>/x&y.png", "PNG"}, {"z", ""}};
  return shown;
}

RunResult result_of_run() {
  RunResult result;
  result.best_epoch = 3;
  result.epochs = 4;
  result.test.samples = 40;
  result.test.accuracy = 0.8125;
  result.test.nll = 0.61237;
  return result;
}

}  // namespace

TEST_CASE("the page of a run loads itself again until the run ends") {
  const test::TemporaryDirectory root;
  write_epochs(root, 1);
  RunReport report(root.path() / "run", config);
  const auto page = [&] { return read_file(root.path() / "run" / report_file); };
  report.stopped("it was never begun");
  CHECK_FALSE(std::filesystem::exists(root.path() / "run" / report_file));

  report.running(1);
  CHECK(nesting_error(page()) == "");
  CHECK(count(page(), "<meta http-equiv=\"refresh\" content=\"10\">") == 1);
  CHECK(has(page(), "Running: 1 of 4 epochs"));
  for (const char* figure : {"Loss by epoch", "Accuracy by epoch"})
    CHECK(count(page(), fmt::format("<img alt=\"{}\"", figure)) == 1);
  CHECK_FALSE(report.is_there());

  report.running(2);  // too soon after the first
  CHECK(has(page(), "Running: 1 of 4 epochs"));

  report.stopped("stopped in epoch 3 <by SIGINT>");
  CHECK_FALSE(has(page(), "refresh"));
  CHECK(has(page(), "Not finished: stopped in epoch 3 &lt;by SIGINT&gt;."));
  CHECK_FALSE(report.is_there());

  report.finished(result_of_run(), errors_of(3));
  CHECK(nesting_error(page()) == "");
  CHECK_FALSE(has(page(), "refresh"));
  CHECK(report.is_there());

  const std::string whole = page();
  for (const std::string& damaged : {whole.substr(0, whole.size() / 2), std::string()}) {
    root.write("run/report.html", damaged);
    CHECK_FALSE(report.is_there());
  }
}

TEST_CASE("the page of a run that goes on is written again after a pause") {
  const test::TemporaryDirectory root;
  std::filesystem::create_directory(root.path() / "run");
  RunReport report(root.path() / "run", config, PagePace(std::chrono::seconds(0)));
  report.running(0);
  CHECK(has(read_file(root.path() / "run" / report_file), "Running: 0 of 4 epochs"));
  const auto start = std::chrono::steady_clock::now();
  while (!has(read_file(root.path() / "run" / report_file), "Running: 1 of 4 epochs")) {
    REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
    report.running(1);
  }
}

TEST_CASE("a page that cannot be written costs no run") {
  const test::TemporaryDirectory root;
  const std::filesystem::path directory = root.path() / "nowhere";
  RunReport report(directory, config);
  report.running(0);
  report.finished(result_of_run(), errors_of(3));
  CHECK_FALSE(std::filesystem::exists(directory));
}

TEST_CASE("a page shows numbers, confusions, classes and mistakes, whatever they are called") {
  const test::TemporaryDirectory root;
  write_epochs(root, 4);
  RunReport report(root.path() / "run", config);
  RunResult result = result_of_run();
  result.soft_labels = "logits by image, from <a file>";
  report.finished(result, errors_of(3));
  const std::string page = read_file(root.path() / "run" / report_file);
  CHECK(has(page, "Soft labels: logits by image, from &lt;a file&gt;."));
  CHECK(has(page, "<td class=\"number\">81.25 %</td>"));
  CHECK(has(page, "<td class=\"number\">0.6124</td>"));
  CHECK(has(page, "<h1>run: resnet34 on fashion-mnist</h1>"));
  CHECK(has(page, "<td style=\"background:rgba(225,90,0,0.340)\">2</td>"));  // 2 of 5
  CHECK(has(page, "<td style=\"background:rgba(0,140,100,0.460)\">3</td>"));
  CHECK(has(page, "<strong>&lt;1 &amp; &quot;Bär&quot;&gt;</strong> taken for"));
  CHECK(has(page, "98.7 %"));
  CHECK(has(page, "a&lt;b&gt;/x&amp;y.png"));
  CHECK(count(page, "src=\"data:image/png;base64,UE5H\"") == 1);
  CHECK_FALSE(has(page, "<1 & "));
}

TEST_CASE("a matrix of many classes is a figure, with its confusions in words") {
  const int classes = GENERATE(21, 1000);
  const std::string html = errors_html(errors_of(classes));
  CHECK(nesting_error(html) == "");
  CHECK(count(html, "<img alt=\"Confusion matrix\" src=\"data:image/") == 1);
  CHECK(has(html, "image/svg+xml") == (classes == 21));
  CHECK(has(html, "Most frequent confusions"));
  CHECK(has(html, "The 20 worst of " + std::to_string(classes) + " classes"));
  CHECK(has(html, "<td class=\"number\">60.0 %</td>"));
  CHECK(html.size() < 600'000);
}

TEST_CASE("a page has its confusions where no figure can be drawn") {
  const test::TemporaryDirectory nothing;
  const test::Variable path("PATH", nothing.path());
  const std::string html = errors_html(errors_of(21));
  CHECK(has(html, "No figure: gnuplot, which draws the figures, is not installed"));
  CHECK(has(html, "Most frequent confusions"));
}

TEST_CASE("bytes stand in a page as RFC 4648 has them") {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"\xff\xfe\xfd", "//79"}})
    CHECK(png_image(bytes, "a \"b\"") ==
          std::string("<img alt=\"a &quot;b&quot;\" src=\"data:image/png;base64,") + text + "\">");
}
