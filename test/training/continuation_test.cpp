// SPDX-License-Identifier: MIT
// An interrupted run goes on with what it was begun with, or not at all.
#include "experiments/training/continuation.h"

#include "engine/process/stop_signal.h"
#include "engine/system/files.h"
#include "experiments/harness/run_queue.h"
#include "kernels/process/processors.h"
#include "kernels/runtime/memory.h"
#include "nn/files/safetensors.h"
#include "test/support/error_of.h"
#include "test/support/thread_count.h"
#include "test/support/tiny_dataset.h"

using namespace experiments;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using test::error_of;
namespace fs = std::filesystem;

namespace {

const TrainingData& tiny_data() {
  static const test::TinyDataset files;
  static const TrainingData data("fashion-mnist", files.dir(), data::Device::cpu);
  return data;
}

RunConfig tiny_config() {
  return make_config({{"dataset", "fashion-mnist"},
                      {"model", "resnet8"},
                      {"epochs", 2},
                      {"batch_size", 20},
                      {"lr", 0.05},
                      {"val_fraction", 0.25}});
}

RunOptions options(Json provenance, bool threads_given = false) {
  if (!provenance.contains("device")) provenance["device"] = "cpu";
  if (!provenance.contains("threads")) provenance["threads"] = kernels::threads();
  return {.provenance = provenance, .threads_given = threads_given};
}

void train_an_epoch(const fs::path& directory, const Json& provenance = Json::object()) {
  RunOptions stopping = options(provenance);
  stopping.after_epoch = [](const EpochRecord&) { return false; };
  REQUIRE_THROWS_AS(train_run(tiny_config(), tiny_data(), {}, directory, stopping), Interrupted);
}

void go_on(const fs::path& directory, const RunOptions& with) {
  train_run(tiny_config(), tiny_data(), {}, directory, with);
}

Json circumstances_in(const fs::path& file) {
  return Json::parse(read_file(file)).at("circumstances");
}

}  // namespace

TEST_CASE("a run does not go on from a training state that cannot be") {
  const test::TemporaryDirectory root;
  train_an_epoch(root.path());  // of two
  const fs::path last = root.path() / "last.safetensors";
  const nn::TensorFile sound = nn::read_safetensors(last);
  constexpr const char* key = "softlabel.training_state";
  for (const auto& [field, value, wanted] :
       {std::tuple("epochs", Json(99), "epochs is 99, should be a whole number from 1 to 2"),
        {"epochs", Json(0), "epochs is 0, should be"},
        {"epochs", Json(-1), "epochs is -1, should be"},
        {"best_epoch", Json(2), "best_epoch is 2, should be"},
        {"best_epoch", Json(0), "best_epoch is 0, should be"},
        {"steps", Json(0), "steps is 0, should be"},
        {"best_accuracy", Json(7), "best_accuracy is 7, should be a number, in [0, 1]"}}) {
    nn::TensorFile file = sound;
    Json state = Json::parse(file.metadata.at(key));
    state[field] = value;
    file.metadata[key] = state.dump();
    nn::write_safetensors(last, file);
    CHECK_THAT(error_of([&] { go_on(root.path(), options({})); }),
               Contains(wanted) && Contains("remove " + root.path().string() + " to run again"));
  }
  nn::write_safetensors(last, sound);
  go_on(root.path(), options({}));
}

TEST_CASE("a run goes on with its own number of threads, to the same bits") {
  if (kernels::most_threads().threads < 2) return;
  const test::TemporaryDirectory root;
  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  {
    const test::ThreadCount one(1);
    go_on(whole, options({}));
    train_an_epoch(parts);
  }
  const test::ThreadCount two(2);
  go_on(parts, options({}));
  CHECK(kernels::threads() == 2);  // the next run's
  CHECK(read_file(parts / "last.safetensors") == read_file(whole / "last.safetensors"));
  CHECK(circumstances_in(parts / "config.json").at("threads") == 1);
  CHECK(circumstances_in(parts / "result.json").at("threads") == 1);
}

TEST_CASE("another number of threads than the run's is refused, and nothing is touched") {
  const test::TemporaryDirectory root;
  const fs::path run = root.path() / "run";
  const test::ThreadCount one(1);
  train_an_epoch(run);
  const std::string before = read_file(run / "last.safetensors");
  if (kernels::most_threads().threads >= 2) {
    const test::ThreadCount two(2);
    CHECK(error_of([&] { go_on(run, options({}, true)); }) ==
          fmt::format("{0} was begun with 1 thread; with 2 its results would be those of neither: "
                      "give `threads` 1, or remove {0} to begin anew",
                      run.string()));
  }
  // As if it had been begun on a larger machine.
  for (const std::string threads : {"5000", "2147483647"}) {
    std::string config = read_file(run / "config.json");
    config.replace(
        config.find("\"threads\": ") + 11,
        config.find('\n', config.find("\"threads\": ")) - config.find("\"threads\": ") - 11,
        threads);
    write_file(run / "config.json", config);
    const std::string error = error_of([&] { go_on(run, options({})); });
    CHECK_THAT(error, StartsWith(run.string() + " was begun with ") &&
                          Contains(" threads, of which this process may use ") &&
                          Contains("or remove " + run.string() + " to begin anew"));
  }
  CHECK(read_file(run / "last.safetensors") == before);
  CHECK_FALSE(fs::exists(run / "result.json"));
  CHECK(kernels::threads() == 1);
}

TEST_CASE("a run goes on with the libraries and instructions that it was begun with") {
  const test::TemporaryDirectory root;
  const fs::path run = root.path() / "run";
  const Json there = {{"libraries", "oneDNN 2.6.3 with AVX-512"}};
  train_an_epoch(run, there);
  const std::string error = error_of([&] {
    go_on(run, options({{"libraries", "oneDNN 2.6.3 with AVX2"}}));
  });
  CHECK_THAT(error, Contains("was begun on the cpu, \"oneDNN 2.6.3 with AVX-512\"; on the cpu, "
                             "\"oneDNN 2.6.3 with AVX2\" it would be no run of either"));
  CHECK_FALSE(fs::exists(run / "result.json"));
  SECTION("the same") { go_on(run, options(there)); }
  SECTION("not known") { go_on(run, options({})); }
  CHECK(fs::exists(run / "result.json"));
}

TEST_CASE("on a GPU threads do not matter, but which GPU and arithmetic do") {
  const test::TemporaryDirectory root;
  const fs::path run = root.path() / "run";
  const auto gpu = [](const char* name, bool deterministic, int threads) {
    return Json{{"device", "cuda:0"},
                {"gpu", name},
                {"deterministic", deterministic},
                {"threads", threads}};
  };
  train_an_epoch(run, gpu("A", true, 7));
  CHECK_THAT(error_of([&] { go_on(run, options({})); }),
             Contains("was begun on \"A\", deterministic true; on the cpu it would"));
  CHECK_THAT(error_of([&] { go_on(run, options(gpu("B", true, 7))); }), Contains("on \"B\""));
  CHECK_THAT(error_of([&] { go_on(run, options(gpu("A", false, 7))); }),
             Contains("deterministic false"));
  go_on(run, options(gpu("A", true, 9), true));
  CHECK(fs::exists(run / "result.json"));
}

TEST_CASE("finished runs, those of no epoch, and those that do not say go on with any threads") {
  const test::TemporaryDirectory root;
  const fs::path run = root.path() / "run";
  const test::ThreadCount one(1);
  SECTION("finished") {
    go_on(run, options({{"threads", 7}}));
    go_on(run, options({}, true));
    CHECK(circumstances_in(run / "result.json").at("threads") == 7);
  }
  SECTION("no epoch") {
    train_an_epoch(run, {{"threads", 7}});
    fs::remove(run / "last.safetensors");
    fs::remove(run / "best.safetensors");
    go_on(run, options({}, true));
    CHECK(circumstances_in(run / "config.json").at("threads") == 1);
  }
  SECTION("a config.json that says nothing of it") {
    train_an_epoch(run);
    Json config = Json::parse(read_file(run / "config.json"));
    config.erase("circumstances");
    write_file(run / "config.json", config.dump());
    go_on(run, options({}, true));
    CHECK(fs::exists(run / "result.json"));
  }
}

TEST_CASE("an experiment begun by two processes is finished by one, and the other way round") {
  if (kernels::most_threads().threads < 2) return;
  const int begun_by = GENERATE(1, 2);
  const test::TinyDataset files;
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "experiment";
  const int threads = kernels::usual_threads().threads,
            begun_with = begun_by == 1 ? threads : std::max(1, threads / 2);
  {
    const test::ThreadCount scope(begun_with);
    train_an_epoch(out / "run");
  }
  // The process that goes on has the other share.
  Machine machine;
  machine.device = "cpu";
  machine.data_dir = files.dir().string();
  machine.jobs = begun_by == 1 ? 2 : 1;
  RunQueue({{"run", Json::object(), tiny_config()}}, out).work(machine);
  CHECK(circumstances_in(out / "run" / "result.json").at("threads") == begun_with);
}
