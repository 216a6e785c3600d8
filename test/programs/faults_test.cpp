// SPDX-License-Identifier: MIT
// Every write, flush, rename, ... of our programs fails once, or the process is killed at it, or
// the machine loses its power there. Whatever happens, a failure is one line with file and reason,
// and the same command again ends with the same bits as if nothing had been. A few of the places
// here; SOFTLABEL_FAULTS=all (./check --faults) tries them all.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>

#include "engine/process/progress.h"
#include "engine/system/files.h"
#include "experiments/runs/config.h"
#include "test/support/catch.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using namespace test;
using experiments::Json;
using experiments::read_file;
using experiments::read_json;
namespace fs = std::filesystem;

namespace {

constexpr const char* ways[] = {"EIO", "ENOSPC", "kill", "power", "torn"};

/// Takes the times out.
void forget_times(Json& json) {
  if (!json.is_structured()) return;
  if (json.is_object())
    for (const char* key : {"seconds", "images_per_second"}) json.erase(key);
  for (Json& value : json) forget_times(value);
}

/// Without its last two columns.
std::string without_times(const std::string& csv) {
  std::istringstream lines(csv);
  std::string text;
  for (std::string line; std::getline(lines, line);)
    text += line.substr(0, line.rfind(',', line.rfind(',') - 1)) + "\n";
  return text;
}

/// The comparable part of every file below a directory, by its path there.
std::map<std::string, std::string> contents_of(const fs::path& directory) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const fs::path path = entry.path(), name = path.lexically_relative(directory);
    std::string& content = contents[name];
    if (!entry.is_regular_file() || name.filename() == "report.html" || name == "results.csv")
      continue;
    if (name.extension() == ".json") {
      Json json = read_json(path);
      forget_times(json);
      content = json.dump();
    } else {
      content = read_file(path);
      if (name.filename() == "epochs.csv") content = without_times(content);
    }
  }
  return contents;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::istringstream text(fs::exists(file) ? read_file(file) : "");
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// A command that writes below a directory, tried again and again.
class Trial {
 public:
  /// `prepare` makes what the directory holds before.
  Trial(
      std::vector<std::string> command, fs::path directory, std::function<void()> prepare = [] {})
      : command_(std::move(command)), directory_(std::move(directory)), prepare_(prepare) {
    prepare_();
    const Outcome whole = run_with("", 0);
    INFO(whole.err);
    REQUIRE(whole.status == 0);
    calls_ = lines_of(log());
    whole_ = contents_of(directory_);
  }

  /// All of the places and ways, or about `sample` of them.
  void run_all(std::size_t sample) const {
    const char* all = std::getenv("SOFTLABEL_FAULTS");
    const std::size_t places = calls_.size() * std::size(ways);
    const bool every = all != nullptr && std::string(all) == "all";
    // The sample's step has no factor with the number of ways, so that all come up.
    std::size_t step = every ? 1 : std::max<std::size_t>(1, places / sample);
    if (step % std::size(ways) == 0) ++step;
    std::optional<experiments::Progress> progress;
    if (every) progress.emplace(directory_.filename(), double(places), "faults");
    std::size_t tried = 0;
    for (std::size_t i = step / 2; i < places; i += step, ++tried) {
      run_one(i / std::size(ways) + 1, ways[i % std::size(ways)]);
      if (every) progress->advance(1);
    }
    REQUIRE(tried > 0);
  }

  /// Where a directory cannot be flushed, names in it may be lost: no program passes over that, but
  /// for a report's, which is said and drawn again.
  void flush_no_directory() const {
    const std::string flush = "fsync ";
    std::size_t tried = 0;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!calls_[i].starts_with(flush) || !fs::is_directory(calls_[i].substr(flush.size())) ||
          (i > 0 && calls_[i - 1].find("report.html") != std::string::npos))
        continue;
      INFO("call " << i + 1 << ": " << calls_[i]);
      CHECK(run_one(i + 1, "EIO") == 1);
      ++tried;
    }
    REQUIRE(tried > 0);
  }

 private:
  fs::path log() const { return spare_.path() / "log"; }

  Outcome run_with(const std::string& how, std::size_t at) const {
    return run(command_, {.environment = {{"LD_PRELOAD", SOFTLABEL_FAULTS_LIBRARY},
                                          {"FAULTS_UNDER", directory_.string()},
                                          {"FAULTS_AT", std::to_string(at)},
                                          {"FAULTS_HOW", how},
                                          {"FAULTS_LOG", how.empty() ? log().string() : ""},
                                          {"FAULTS_SPARE", spare_.path().string()}}});
  }

  /// The exit status of the program that met the fault.
  int run_one(std::size_t at, const std::string& how) const {
    INFO(command_.front() << ", call " << at << " of " << calls_.size() << " (" << calls_[at - 1]
                          << "): " << how);
    fs::remove_all(directory_);
    prepare_();
    const Outcome failed = run_with(how, at);
    INFO(failed.err);
    if (how == "EIO" || how == "ENOSPC") {
      // What is only a courtesy, such as a copy in place of training, may fail in silence.
      if (failed.status != 0) {
        CHECK(failed.status == 1);
        const std::string error = last_line(failed.err);
        CHECK_THAT(error, Catch::Matchers::StartsWith(command_.front() + ": "));
        CHECK_THAT(error, Catch::Matchers::Contains(directory_.string()));
        CHECK_THAT(error, Catch::Matchers::Contains(how == "EIO" ? "Input/output error"
                                                                 : "No space left on device"));
      }
    } else {
      CHECK(failed.status == 1009);
    }
    const Outcome again = run(command_);
    INFO(again.err);
    CHECK(again.status == 0);
    CHECK_THAT(again.err, !Catch::Matchers::Contains("lacks"));
    const auto contents = contents_of(directory_);
    for (const auto& [name, content] : contents) {
      INFO(name);
      const auto there = whole_.find(name);
      CHECK(there != whole_.end());  // a leftover
      if (there != whole_.end()) CHECK((content == there->second));
    }
    for (const auto& [name, content] : whole_) {
      INFO(name);
      CHECK(contents.contains(name));
    }
    return failed.status;
  }

  std::vector<std::string> command_;
  fs::path directory_;
  std::function<void()> prepare_;
  TemporaryDirectory spare_;
  std::vector<std::string> calls_;
  std::map<std::string, std::string> whole_;
};

}  // namespace

TEST_CASE("a run outlives faults of the disk, kills and power losses") {
  const TinyDataset data;
  const TemporaryDirectory root;
  const fs::path out = root.path() / "runs" / "a";
  // Three epochs, of which the last one stops early.
  const auto command =
      tiny("train", data.dir(), {"--epochs", "3", "--max-steps", "7", "--out", out.string()});
  const Trial trial(command, root.path() / "runs");
  trial.run_all(15);
  trial.flush_no_directory();
}

TEST_CASE("an experiment outlives faults of the disk, kills and power losses") {
  const TinyDataset data;
  const TemporaryDirectory root;
  const fs::path out = root.path() / "figure1";
  const auto command = tiny("figure1_sequential", data.dir(),
                            {"--out", out.string(), "--epochs", "1", "--train-limit", "20",
                             "--val-limit", "20", "--generations", "1", "--seeds", "1"});
  Trial(command, out).run_all(6);
}

TEST_CASE("a run that is taken over outlives faults of the disk, kills and power losses") {
  const TinyDataset data;
  const TemporaryDirectory root;
  const auto command = [&](const std::string& out) {
    return tiny("figure1_sequential", data.dir(),
                {"--out", (root.path() / out).string(), "--epochs", "1", "--train-limit", "20",
                 "--val-limit", "20", "--generations", "1", "--seeds", "1"});
  };
  REQUIRE(run(command("before")).status == 0);
  Trial(command("after"), root.path() / "after").run_all(4);
}

TEST_CASE("a cache of pictures outlives faults of the disk, kills and power losses") {
  const TemporaryDirectory root;
  for (const char* part : {"train", "test"})
    for (const int label : {0, 1})
      for (int i = 0; i < 8; ++i)
        root.write(fmt::format("data/{}/class{}/{}.ppm", part, label, i),
                   "P6\n32 32\n255\n" + std::string(32 * 32 * 3, char(40 + 100 * label + i)));
  const std::string out = (root.path() / "run").string();
  const fs::path cache = root.path() / "cache";
  Trial({"train",
         "--dataset",
         "image-folder",
         "--data-dir",
         (root.path() / "data").string(),
         "--image-size",
         "32",
         "--cache-dir",
         (cache / "pictures").string(),
         "--model",
         "resnet8",
         "--batch-size",
         "4",
         "--epochs",
         "1",
         "--max-steps",
         "1",
         "--threads",
         "1",
         "--out",
         out},
        cache, [&] { fs::remove_all(out); })
      .run_all(4);
}
