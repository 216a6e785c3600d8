// SPDX-License-Identifier: MIT
// Figures drawn again from tables, sound and unsound ones, and long lists of runs.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "engine/system/files.h"
#include "test/support/process.h"

using Catch::Matchers::StartsWith;
using experiments::read_file;
using test::Outcome;
namespace fs = std::filesystem;

namespace {

const std::string head =
    "run,seed,generation,test_accuracy,test_nll,test_ece,train_predictive_uncertainty,"
    "train_confidence_diversity,train_confidence_variance,best_epoch,epochs,seconds,"
    "images_per_second\n";

/// Of Figure 1, with one student for each of two seeds.
std::string table(const std::string& generation = "1", const std::string& accuracy = "0.81") {
  const std::string rest = ",0.5,0.05,0.3,-1.5,0.01,1,2,3,4\n";
  return head + "a0,0,0,0.8" + rest + "a1,0," + generation + "," + accuracy + rest + "b0,1,0,0.79" +
         rest + "b1,1,1,0.82" + rest;
}

}  // namespace

TEST_CASE("a figure is drawn again from its tables, and what is wrong with them is named") {
  const test::TemporaryDirectory root;
  const fs::path results = root.path() / "results.csv", images = root.path() / "images.csv",
                 out = root.path() / "out";
  const auto redraw = [&](const std::string& generations = "1") {
    return test::run({"figure1_sequential", "--generations", generations, "--redraw",
                      results.string(), "--out", out.string()});
  };
  root.write("results.csv", "\xEF\xBB\xBF" + table());
  root.write("images.csv",
             "\xEF\xBB\xBFquantity,images,group,other,covariance\n"
             "test_accuracy,100,1,1,0.01\n");
  const Outcome sound = redraw();
  INFO(sound.err);
  REQUIRE(sound.status == 0);
  CHECK(fs::file_size(out / "figure1.svg") > 0);
  CHECK(fs::exists(out / "images.csv"));
  CHECK(read_file(out / "results.csv").starts_with(head));
  fs::remove_all(out);

  const auto check_refused = [&](const fs::path& file, const std::string& message,
                                 const std::string& generations = "1") {
    const Outcome outcome = redraw(generations);
    CHECK(outcome.status == 1);
    CHECK(outcome.out.empty());
    CHECK(test::is_one_line(outcome.err));
    CHECK_THAT(outcome.err,
               StartsWith(fmt::format("figure1_sequential: {}{}", file.string(), message)));
    CHECK_FALSE(fs::exists(out));
  };
  for (const char* garbage : {"garbage", "garbage\n", ""}) {
    root.write("images.csv", garbage);
    check_refused(images, *garbage == 0 ? " is empty" : ": ");
  }
  root.write("images.csv", "quantity,images,group,other,covariance\ntest_nll,x,1,1,0.01\n");
  check_refused(images, ": line 2: images is x, should be a whole number");
  fs::remove(images);

  for (const char* generation : {"x", "", "1e3", "1.5"}) {
    root.write("results.csv", table(generation));
    check_refused(results, fmt::format(": line 3: generation is {}, should be a whole number",
                                       *generation == 0 ? "empty" : generation));
  }
  root.write("results.csv", table("1", "-0.5"));
  check_refused(results, ": line 3: test_accuracy is -0.5, should be a number, in [0, 1]");
  root.write("results.csv", table());
  check_refused(results,
                " is not drawn: figure: 0 kinds of runs have generation 2, should be 1; "
                "give the preset and options that its runs were made with",
                "3");
}

TEST_CASE("a long list of runs is stopped by a signal") {
  const test::TemporaryDirectory root;
  const fs::path list = root.path() / "list";
  REQUIRE(mkfifo(list.c_str(), 0600) == 0);
  const test::Process process({"/bin/sh", "-c",
                               "exec \"$0\" --seeds 70 --generations 70 --list >\"$1\"",
                               test::program("figure1_sequential").string(), list.string()});
  const int end = open(list.c_str(), O_RDONLY);  // waits until it is open for writing
  REQUIRE(end >= 0);
  std::array<char, 4096> block{};
  ssize_t size = read(end, block.data(), 1);  // it lists them, and will wait as long as we do
  REQUIRE(size == 1);
  process.signal(SIGTERM);
  std::string text;
  while ((size = read(end, block.data(), block.size())) > 0) text.append(block.data(), size);
  close(end);
  const Outcome outcome = process.wait();
  CHECK(outcome.status == 143);
  CHECK(outcome.err == "figure1_sequential: stopped\n");
  CHECK(std::count(text.begin(), text.end(), '\n') < 70 * 71);
}
