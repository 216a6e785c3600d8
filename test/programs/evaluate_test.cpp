// SPDX-License-Identifier: MIT
// What a network gets wrong, as `evaluate` and the report of `train` show it.
#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "engine/system/files.h"
#include "engine/system/values.h"
#include "test/support/data_pictures.h"
#include "test/support/page.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using namespace test;
using Catch::Matchers::Contains;
using experiments::Json;
using experiments::read_file;
using experiments::read_json;
using experiments::write_file;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> classes{"Bäume, \"alt\"", "a <b> & c", "dog's"};

/// A folder of noise, so that there are mistakes.
void write_pictures(const TemporaryDirectory& photos) {
  for (std::size_t label = 0; label < classes.size(); ++label)
    for (int i = 0; i < 8; ++i) {
      std::vector<std::uint8_t> pixels;
      for (const float x : random_values(20 * 20 * 3, 0, 255, 100 * label + std::uint64_t(i)))
        pixels.push_back(std::uint8_t(x));
      photos.write(fmt::format("{}/{}/<{}> &.png", i < 4 ? "train" : "test", classes[label], i),
                   picture_file(PictureKind::png, 20, 20, 3, pixels));
    }
}

int sum_of_diagonal(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  int sum = 0;
  for (int row = 0; std::getline(lines, line); ++row) {
    std::size_t end = line.size();  // from the right, as names may have commas
    for (int column = int(classes.size()) - 1; column >= row; --column) {
      const std::size_t comma = line.rfind(',', end - 1);
      if (column == row) sum += std::stoi(line.substr(comma + 1, end - comma - 1));
      end = comma;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("evaluate finds a run's pictures and names what the network gets wrong") {
  const TemporaryDirectory photos, runs;
  write_pictures(photos);
  const fs::path out = runs.path() / "run", best = out / "best.safetensors";
  const Outcome trained = run(
      {"/bin/sh", "-c",
       "cd \"$0\" && exec \"$1\" --data-dir . --dataset image-folder --model resnet8 --epochs 1 "
       "--image-size 16 --batch-size 4 --threads 1 --out \"$2\"",
       photos.path(), program("train"), out});
  INFO(trained.err);
  REQUIRE(trained.status == 0);

  const fs::path csv = runs.path() / "confusion.csv", page = runs.path() / "page.html",
                 picture = runs.path() / "confusion.png";
  std::vector<std::string> command = {"evaluate", "--weights",           best,   "--threads",
                                      "1",        "--confusion",         csv,    "--report",
                                      page,       "--confusion-picture", picture};
  const Outcome text = run(command);
  INFO(text.err);
  REQUIRE(text.status == 0);
  CHECK_THAT(text.out, Contains("by class") && Contains("class \\ taken for number") &&
                           Contains("  0 Bäume, \"alt\"") && Contains("most confident mistakes") &&
                           Contains(": test/") && !Contains("top-5"));

  command.push_back("--json");
  const Outcome again = run(command);  // over the files of its own kind
  INFO(again.err);
  REQUIRE(again.status == 0);
  const Json json = Json::parse(again.out);
  REQUIRE(json.at("classes").size() == 3);
  CHECK(json.at("classes")[0].at("samples") == 4);
  CHECK(json.at("classes")[0].at("accuracy") <= json.at("classes")[2].at("accuracy"));
  const double accuracy = json.at("accuracy");
  REQUIRE(accuracy < 1);
  CHECK(json.at("mistakes").size() ==
        std::min<std::size_t>(10, std::size_t(std::lround(12 * (1 - accuracy)))));
  for (const Json& mistake : json.at("mistakes")) {
    const std::string image = mistake.at("image"), label = mistake.at("class");
    CHECK_THAT(image, Catch::Matchers::StartsWith("test/" + label + "/<"));
    CHECK(mistake.at("predicted") != label);
    CHECK(fs::exists(photos.path() / image));
  }
  CHECK_THAT(read_file(csv),
             Contains("class \\ taken for,\"Bäume, \"\"alt\"\"\",a <b> & c,dog's\n"));
  CHECK(sum_of_diagonal(read_file(csv)) == std::lround(12 * accuracy));
  CHECK(read_file(picture).starts_with("\x89PNG"));

  for (const fs::path& file : {page, out / "report.html"}) {
    const std::string html = read_file(file);
    INFO(file);
    CHECK(nesting_error(html) == "");
    CHECK_THAT(html, Contains("a &lt;b&gt; &amp; c") && !Contains("<b>") && Contains("&lt;") &&
                         Contains("Most confident mistakes") && Contains("data:image/png;base64,"));
    CHECK_THAT(html, Contains(fmt::format("<td class=\"number\">{:.2f} %</td>", 100 * accuracy)));
  }

  for (const std::string option : {"--confusion", "--confusion-picture", "--report"}) {
    const Outcome refused = run({"evaluate", "--weights", best, option, best});
    CHECK(refused.status == 1);
    CHECK_THAT(refused.err, Contains("evaluate: " + option + " ") && Contains("would overwrite"));
  }
  // How large the run saw its pictures says nothing of a data set of one size.
  const TinyDataset tiny;
  const Outcome others =
      run({"evaluate", "--weights", best, "--dataset", "fashion-mnist", "--data-dir", tiny.dir()});
  CHECK(others.status == 1);
  CHECK_THAT(last_line(others.err), Contains("is for other classes than those of fashion-mnist"));

  fs::remove_all(photos.path() / "train");
  fs::rename(photos.path() / "test", runs.path() / "moved");
  fs::remove_all(photos.path());
  const Outcome gone = run({"evaluate", "--weights", best, "--threads", "1"});
  CHECK(gone.status == 1);
  CHECK_THAT(gone.err, Contains("where the run found its data, is not there"));
  CHECK_THAT(last_line(gone.err), Contains("say where it is with --data-dir"));
}

TEST_CASE("the report of a run has the numbers of its result, and is made again when damaged") {
  const TinyDataset data;
  const TemporaryDirectory root;
  const fs::path out = root.path() / "run", page = out / "report.html";
  const auto command = tiny("train", data.dir(), {"--epochs", "3", "--out", out});
  REQUIRE(run(command).status == 0);
  const Json result = read_json(out / "result.json");
  const std::string whole = read_file(page);
  CHECK(nesting_error(whole) == "");
  for (const char* part : {"test", "validation", "train"})
    for (const char* key : {"accuracy", "top5_accuracy", "ece"}) {
      INFO(part << " " << key);
      const double value = result.at(part).at(key);
      CHECK(has(whole, fmt::format("<td class=\"number\">{:.2f} %</td>", 100 * value)));
    }
  CHECK(has(whole, fmt::format("<td class=\"number\">{:.4f}</td>",
                               result.at("test").at("nll").get<double>())));
  CHECK(has(whole, "Finished: 3 epochs"));
  CHECK_FALSE(has(whole, "refresh"));
  for (const char* figure : {"Loss by epoch", "Accuracy by epoch"})
    CHECK(count(whole, fmt::format("<img alt=\"{}\"", figure)) == 1);
  CHECK(count(whole, "<img alt=\"Reliability on test data\"") == 1);

  const Outcome quiet = run(command);
  CHECK(quiet.status == 0);
  CHECK(is_one_line(quiet.err));
  CHECK(read_file(page) == whole);

  const auto without_time = [](std::string html) {
    const std::size_t at = html.find("Written ");
    return html.erase(at, html.find(" UTC", at) - at);
  };
  for (const bool missing : {true, false}) {
    if (missing)
      fs::remove(page);
    else
      write_file(page, whole.substr(0, 5000));
    const Outcome made = run(command);
    CHECK(made.status == 0);
    CHECK_THAT(made.err, Contains("report.html is not there or damaged"));
    CHECK(without_time(read_file(page)) == without_time(whole));
  }

  fs::remove(page);  // nothing to make it from: the run is as finished as before
  fs::remove(out / "best.safetensors");
  const Outcome without = run(command);
  CHECK(without.status == 0);
  CHECK_THAT(without.err, Contains("report.html could not be made"));
}

TEST_CASE("the report of a run that was stopped says so, and loads itself no more") {
  const TinyDataset data;
  const TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const Outcome diverged =
      run(tiny("train", data.dir(), {"--epochs", "9", "--out", out, "--lr", "1e9"}));
  REQUIRE(diverged.status == 1);
  const std::string page = read_file(out / "report.html");
  CHECK(nesting_error(page) == "");
  CHECK_THAT(page, Contains("Not finished: ") && Contains("training has diverged") &&
                       Contains("a lower --lr") && !Contains("http-equiv"));
}
