// SPDX-License-Identifier: MIT
#include "experiments/harness/run_queue.h"

#include <chrono>
#include <csignal>
#include <ctime>
#include <future>

#include "engine/process/processes.h"
#include "engine/system/file_lock.h"
#include "engine/system/files.h"
#include "experiments/runs/run_directory.h"
#include "kernels/runtime/error.h"
#include "test/support/catch.h"
#include "test/support/error_of.h"
#include "test/support/temporary_directory.h"
#include "test/support/tiny_dataset.h"

using namespace experiments;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

RunConfig tiny_config(const Json& changes) {
  Json settings = {
      {"dataset", "fashion-mnist"}, {"model", "resnet8"}, {"epochs", 1}, {"train_limit", 20},
      {"batch_size", 10},           {"augment", "none"},  {"lr", 0.01}};
  settings.update(changes);
  return make_config(settings);
}

/// Two repeats of a network and its student.
std::vector<Run> runs() {
  std::vector<Run> all;
  for (int seed = 0; seed < 2; ++seed) {
    const std::string repeat = "seed" + std::to_string(seed);
    all.push_back({repeat + "-ce", {{"seed", seed}}, tiny_config({{"seed", seed}})});
    all.push_back({repeat + "-sd",
                   {{"seed", seed}},
                   tiny_config({{"seed", seed}, {"loss", "sd"}}),
                   repeat + "-ce"});
  }
  return all;
}

Machine machine_with(const test::TinyDataset& data) {
  Machine machine;
  machine.device = "cpu";
  machine.data_dir = data.dir().string();
  return machine;
}

}  // namespace

TEST_CASE("shards deal the repeats out, and the last one has all results") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const Machine machine = machine_with(data);
  const RunQueue first(runs(), root.path(), {.shard = "1/2"}),
      second(runs(), root.path(), {.shard = "2/2"});
  first.work(machine);
  CHECK(fs::exists(root.path() / "seed0-sd" / "result.json"));
  CHECK_FALSE(fs::exists(root.path() / "seed1-ce"));
  CHECK(first.unfinished() == 2);
  CHECK(first.results().empty());
  second.work(machine);
  CHECK(second.unfinished() == 0);
  const std::vector<FinishedRun> results = second.results();
  REQUIRE(results.size() == 4);
  CHECK(results[3].name == "seed1-sd");
  CHECK(results[3].result.teacher.has_value());
  CHECK_FALSE(results[2].result.teacher.has_value());
}

TEST_CASE("a pattern selects runs by name") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  RunQueue(runs(), root.path(), {.only = "*-ce"}).work(machine_with(data));
  CHECK(fs::exists(root.path() / "seed1-ce" / "result.json"));
  CHECK_FALSE(fs::exists(root.path() / "seed1-sd"));
}

TEST_CASE("selections of nothing, and students without their teacher, are refused") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  CHECK_THROWS_WITH(
      RunQueue(runs(), root.path(), {.only = "seed7*"}),
      Catch::Matchers::Equals("--only seed7*: none of the 4 runs; --list prints them"));
  CHECK_THROWS_WITH(
      RunQueue(runs(), root.path(), {.only = "[", .shard = "1/2"}),
      Catch::Matchers::Equals("--only [ --shard 1/2: none of the 4 runs; --list prints them"));
  for (const char* shard : {"3/2", "0/2", "1/2x", "1/", "/2", "12", "", "1/2/3", " 1/2", "+1/2",
                            "4294967297/4294967298", "-1/2", "1/0", "/", "1//2"}) {
    CHECK_THROWS_WITH(RunQueue(runs(), root.path(), {.shard = shard}), Contains("should be i/n"));
  }
  CHECK_THROWS_WITH(RunQueue(runs(), root.path(), {.only = "*-sd"}).work(machine_with(data)),
                    Contains("seed1-ce is not finished, is not among the selected runs"));
}

TEST_CASE("runs of one name, and configs that no run can have, are refused before any is trained") {
  const test::TemporaryDirectory root;
  std::vector<Run> twice = runs();
  twice[3].name = "seed0-sd";
  CHECK_THROWS_WITH(RunQueue(twice, root.path()),
                    "two runs are called seed0-sd: is a value given twice?");
  std::vector<Run> impossible = runs();
  impossible[3].config.temperature = -1;
  CHECK_THROWS_WITH(RunQueue(impossible, root.path()),
                    "seed1-sd: `temperature` is -1, should be a number, greater than 0");
  CHECK(fs::is_empty(root.path()));
}

TEST_CASE("a teacher stands before its students") {
  const test::TemporaryDirectory root;
  std::vector<Run> all = runs();
  std::swap(all[0], all[1]);
  CHECK_THROWS_WITH(RunQueue(all, root.path()),
                    "seed0-sd learns from seed0-ce, which is no run before it");
  all = runs();
  all[1].teacher = all[1].name;
  CHECK_THROWS_WITH(RunQueue(all, root.path()), Contains("learns from seed0-sd, which is no run"));
}

TEST_CASE("a queue of many runs is made in a time that grows as their number does") {
  const test::TemporaryDirectory root;
  const RunConfig config = tiny_config({{"loss", "sd"}});
  std::vector<Run> chain;  // each teaches the next one
  for (int i = 0; i < 10000; ++i)
    chain.push_back(
        {"generation" + std::to_string(i), {}, config, i == 0 ? "" : chain.back().name});
  const std::clock_t start = std::clock();
  const RunQueue queue(chain, root.path());
  // Much less than a second; were each teacher looked for by the names of all, hours.
  CHECK(double(std::clock() - start) / CLOCKS_PER_SEC < 30);
  CHECK(queue.unfinished() == chain.size());
}

TEST_CASE("a run that fails keeps only its students from training") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  Machine machine = machine_with(data);
  machine.threads = 1;
  const int jobs = GENERATE(1, 2);
  std::vector<Run> some = runs();
  some[0].config.batch_size = 1000;
  CHECK_THROWS_WITH(RunQueue(some, root.path(), {}).work(machine, jobs),
                    StartsWith("seed0-ce: ") && Contains("there are only"));
  CHECK_FALSE(fs::exists(root.path() / "seed0-sd"));
  CHECK(fs::exists(root.path() / "seed1-sd" / "result.json"));
  fs::remove_all(root.path() / "seed1-sd");
  some[3].config.batch_size = 1000;
  CHECK_THROWS_WITH(RunQueue(some, root.path(), {}).work(machine, jobs),
                    StartsWith("2 runs failed, first seed0-ce: ") && Contains("there are only"));
}

TEST_CASE("what another experiment left stops a queue before anything is trained") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const Machine machine = machine_with(data);
  RunQueue(runs(), root.path(), {.only = "seed1-ce"}).work(machine);
  std::vector<Run> other = runs();
  other[2].config.lr = 0.02;
  CHECK_THROWS_WITH(RunQueue(other, root.path(), {}).work(machine),
                    Contains("holds another run (lr is 0.01 there, 0.02 here)"));
  CHECK_FALSE(fs::exists(root.path() / "seed0-ce"));
}

TEST_CASE("a teacher's checkpoint that cannot be read is named, not its student") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const Machine machine = machine_with(data);
  const auto work = [&] { RunQueue(runs(), root.path(), {.only = "seed0-*"}).work(machine); };
  work();
  const fs::path teacher = root.path() / "seed0-ce";
  const std::string result = read_file(root.path() / "seed0-sd" / "result.json");
  root.write("seed0-ce/best.safetensors", "damaged");
  CHECK(test::error_of(work).starts_with("seed0-sd: cannot read " +
                                         (teacher / "best.safetensors").string()));
  CHECK_THAT(test::error_of(work), EndsWith("; remove " + teacher.string() + " to train it again"));
  fs::remove_all(teacher);
  work();
  CHECK(read_file(root.path() / "seed0-sd" / "result.json") == result);
}

TEST_CASE("a process that waits for another's run does not make it ready each time it looks") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const Machine machine = machine_with(data);
  RunQueue(runs(), root.path(), {.only = "seed0-ce"}).work(machine);
  // Whoever makes the student ready reads its teacher, which fails.
  root.write("seed0-ce/best.safetensors", "damaged");
  fs::create_directory(root.path() / "seed0-sd");
  auto lock = std::make_unique<FileLock>(root.path() / "seed0-sd" / ".lock");
  auto waiting = std::async(std::launch::async, [&] {
    return test::error_of(
        [&] { RunQueue(runs(), root.path(), {.only = "seed0-*"}).work(machine); });
  });
  CHECK(waiting.wait_for(std::chrono::seconds(2)) == std::future_status::timeout);
  lock = nullptr;
  CHECK_THAT(waiting.get(), StartsWith("seed0-sd: ") && Contains("best.safetensors"));
}

TEST_CASE("processes share a queue, and each run is trained once, to the same bits as alone") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  Machine machine = machine_with(data);
  machine.threads = 1;
  // Not beside each other, or one would take over from the other.
  const fs::path together_dir = root.path() / "a" / "together",
                 alone_dir = root.path() / "b" / "alone";
  RunQueue(runs(), together_dir, {}).work(machine, 2);
  RunQueue(runs(), alone_dir, {}).work(machine);
  const auto together = RunQueue(runs(), together_dir, {}).results(),
             alone = RunQueue(runs(), alone_dir, {}).results();
  REQUIRE(together.size() == 4);
  for (std::size_t i = 0; i < alone.size(); ++i)
    CHECK(together[i].result.test.nll == alone[i].result.test.nll);
}

TEST_CASE(
    "what an experiment beside this one has finished is taken over, if all of it is the same") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const Machine machine = machine_with(data);
  const auto file = [&](const char* experiment, const char* run, const char* name) {
    return read_file(root.path() / experiment / run / name);
  };
  fs::create_directories(root.path() / "zero" / "seed0-ce");  // what is damaged is left alone
  write_file(root.path() / "zero" / "seed0-ce" / "result.json", "{");
  write_file(root.path() / "zero" / "seed0-ce" / "config.json", "{");
  write_file(root.path() / "notes.txt", "no experiment");
  fs::create_symlink("endless", root.path() / "zero" / "endless");  // cannot be looked into
  RunQueue(runs(), root.path() / "one", {}).work(machine);

  std::vector<Run> other = runs();
  other[0].name = "another name";
  other[1].teacher = other[0].name;
  other[2].config.lr = 0.02;  // so that its student has another teacher
  RunQueue(other, root.path() / "two" / "", {}).work(machine);
  for (const char* name : {"result.json", "best.safetensors", "epochs.csv"}) {
    CHECK(file("two", "another name", name) == file("one", "seed0-ce", name));
    CHECK(file("two", "seed0-sd", name) == file("one", "seed0-sd", name));
    CHECK(file("two", "seed1-ce", name) != file("one", "seed1-ce", name));
    CHECK(file("two", "seed1-sd", name) != file("one", "seed1-sd", name));
  }
  CHECK(RunQueue(other, root.path() / "two", {}).results().size() == 4);
}

TEST_CASE("a process that fails is reported by its last line") {
  const test::TemporaryDirectory root;
  int watched = 0;
  CHECK_THROWS_WITH(run_processes(
                        2, root.path(), [](int) { kernels::fail("seed0-ce: the disk is full"); },
                        [&] { ++watched; }),
                    StartsWith("seed0-ce: the disk is full (see "));
  CHECK(watched > 0);
  CHECK_THROWS_WITH(run_processes(
                        1, root.path(), [](int) { std::raise(SIGKILL); }, [] {}),
                    StartsWith("a process was killed by signal 9"));
}
