// SPDX-License-Identifier: MIT
// What is said on standard error is a courtesy: training goes on where nobody can be told.
#include "engine/system/files.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using experiments::read_file;
using test::Outcome;
namespace fs = std::filesystem;

namespace {

/// Trains with the streams as the shell's `redirections` say.
Outcome train(const test::TinyDataset& data, const fs::path& out, const std::string& redirections) {
  std::vector<std::string> words = test::tiny("train", data.dir(), {"--epochs", "1", "--out", out});
  words.front() = test::program("train");
  words.insert(words.begin(), {"/bin/bash", "-c", "\"$0\" \"$@\" " + redirections});
  return test::run(words);
}

}  // namespace

TEST_CASE("standard error closed, full, or a pipe that nobody reads: training goes on") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string redirections =
      GENERATE("2>&-", "2>/dev/full", "2> >(exec true)", "<&- 2>&-", "2>&- </dev/null");
  INFO(redirections);
  const Outcome outcome = train(data, root.path() / "run", redirections);
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.out, Contains("test accuracy"));
  CHECK(outcome.err.empty());
  CHECK(fs::exists(root.path() / "run" / "result.json"));
  // No file of the run has got the number of a closed stream.
  for (const auto& entry : fs::directory_iterator(root.path() / "run"))
    CHECK_THAT(read_file(entry.path()), !Contains("images/s  "));
}

TEST_CASE("a figure is drawn with standard error closed") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "figure1";
  std::vector<std::string> words =
      test::tiny(test::program("figure1_sequential"), data.dir(),
                 {"--epochs", "1", "--generations", "1", "--seeds", "1", "--train-limit", "20",
                  "--val-limit", "8", "--shard", "1/1", "--out", out.string()});
  words.insert(words.begin(), {"/bin/bash", "-c", "\"$0\" \"$@\" 2>&-"});
  const Outcome outcome = test::run(words);
  CHECK(outcome.status == 0);
  CHECK(fs::exists(out / "figure1.svg"));
}

TEST_CASE("standard output closed or full is an error, said in a line") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string redirection = GENERATE("1>&-", "1>/dev/full");
  INFO(redirection);
  const Outcome outcome = train(data, root.path() / "run", redirection);
  CHECK(outcome.status == 1);
  CHECK_THAT(test::last_line(outcome.err), StartsWith("train: "));
  CHECK(fs::exists(root.path() / "run" / "result.json"));  // the work is not lost
}
