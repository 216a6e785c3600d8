// SPDX-License-Identifier: MIT
#include "experiments/runs/run_directory.h"

#include "engine/system/files.h"
#include "engine/system/fingerprint.h"
#include "experiments/runs/logs/csv_log.h"
#include "experiments/runs/run_leftovers.h"
#include "nn/files/safetensors.h"
#include "test/support/catch.h"
#include "test/support/error_of.h"
#include "test/support/temporary_directory.h"

using namespace experiments;
using test::error_of;

namespace {

RunResult some_result() {
  RunResult r;
  r.best_epoch = 3;
  r.epochs = 4;
  r.steps = 40;
  r.test.accuracy = 0.75;
  r.test.samples = 12;
  r.test.diversity = {.k = {1, 3},
                      .entropy = {-1.5, std::nullopt},
                      .all_equal = false,
                      .tie_share = 0.25,
                      .variance = 0.1};
  r.train.diversity.all_equal = true;
  return r;
}

}  // namespace

TEST_CASE("a run directory goes from nothing to a result") {
  const test::TemporaryDirectory root;
  const auto path = root.path() / "a" / "b";
  const RunIdentity identity{.config = make_config({{"epochs", 4}}), .inputs = {{"data", "01"}}};
  CHECK_FALSE(find_result(path, identity));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(state_text(path, identity) == "not started");
  {
    const RunDirectory place(path, identity, {{"threads", 2}});
    CHECK(state_text(path, identity) == "running");
    CHECK(error_of([&] { RunDirectory(path, identity, {}); }) ==
          path.string() +
              " is in use by another process: wait for it, or choose another directory");
    CsvLog(place.file("epochs.csv"), "epoch", 0).add("1\n2\n");
    write_file(place.file("last.safetensors"), "");
  }
  CHECK(state_text(path, identity) == "interrupted after epoch 2");
  CHECK_FALSE(find_result(path, identity));

  RunDirectory(path, identity, {}).write_result(some_result(), {{"threads", 2}});
  CHECK(state_text(path, identity) == "finished");
  const auto found = find_result(path, identity);
  REQUIRE(found);
  CHECK(to_json(*found) == to_json(some_result()));
  CHECK_FALSE(found->validation);
  const Json json = Json::parse(read_file(path / "result.json"));
  CHECK(json["test"]["confidence_diversity"] == "-inf (ties)");
  CHECK(json["train"]["confidence_diversity"] == "-inf (all equal)");
  CHECK(Json::parse(read_file(path / "config.json"))["circumstances"]["threads"] == 2);
}

TEST_CASE("a finished run is copied if all that made it is the same") {
  const test::TemporaryDirectory root;
  const auto source = root.path() / "one", copy = root.path() / "two";
  const RunIdentity identity{.config = make_config({{"epochs", 4}}), .inputs = {{"data", "01"}}};
  const Json gpu = {{"gpu", "some GPU"}, {"deterministic", true}};
  const Json others = {{"gpu", "another GPU"}, {"deterministic", false}};
  {
    const RunDirectory place(source, identity, gpu);
    CHECK_FALSE(copy_finished(source, copy, identity, gpu));
    place.write_result(some_result(), gpu);
    nn::write_safetensors(place.file("best.safetensors"), {});
  }
  RunIdentity other = identity;
  other.config.lr = 0.2;
  CHECK_FALSE(copy_finished(source, copy, other, gpu));
  other = identity;
  other.inputs["data"] = "02";
  CHECK_FALSE(copy_finished(source, copy, other, gpu));
  CHECK_FALSE(copy_finished(source, copy, identity, Json::object()));  // on the processor
  for (const auto& [key, value] : others.items()) {
    Json there = gpu;
    there[key] = value;
    CHECK_FALSE(copy_finished(source, copy, identity, there));
  }
  for (const char* name : {"result.json", "best.safetensors"}) {  // lost, or cut short
    const std::string whole = read_file(source / name);
    for (const std::size_t size : {std::size_t{0}, whole.size() / 2}) {
      write_file(source / name, whole.substr(0, size));
      CHECK_FALSE(copy_finished(source, copy, identity, gpu));
    }
    std::filesystem::remove(source / name);
    CHECK_FALSE(copy_finished(source, copy, identity, gpu));
    write_file(source / name, whole);
  }
  const auto part = root.path() / "one.part";  // left by a process that was killed
  std::filesystem::rename(source, part);
  CHECK_FALSE(copy_finished(part, copy, identity, gpu));
  std::filesystem::rename(part, source);
  CHECK_FALSE(std::filesystem::exists(copy));
  root.write("two.part/best.safetensors", "half of it");
  {
    root.write("two.part/.lock", "");
    const FileLock living(root.path() / "two.part" / ".lock");  // makes the copy
    CHECK_FALSE(copy_finished(source, copy, identity, gpu));
    remove_dead_copy(root.path() / "two.part");
    CHECK(read_file(root.path() / "two.part" / "best.safetensors") == "half of it");
  }
  write_file(source / "notes.txt", "not a file of a run");
  CHECK(copy_finished(source, copy, identity, gpu));
  CHECK(read_file(copy / "best.safetensors") == read_file(source / "best.safetensors"));
  CHECK_FALSE(std::filesystem::exists(copy / "notes.txt"));
  CHECK(state_text(copy, identity) == "finished");
  CHECK(to_json(*find_result(copy, identity)) == to_json(some_result()));
  CHECK_FALSE(copy_finished(source, copy, identity, gpu));  // it is there
  std::size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(root.path()))
    ++entries;
  CHECK(entries == 2);  // no parts are left

  root.write("three.part/best.safetensors", "half of it");
  remove_dead_copy(root.path() / "three.part");
  CHECK_FALSE(std::filesystem::exists(root.path() / "three.part"));
}

TEST_CASE("what a killed process has left to do in a finished run is done by the next one") {
  const test::TemporaryDirectory root;
  const auto path = root.path() / "run";
  const RunIdentity identity{.config = make_config(Json::object())};
  RunDirectory(path, identity, {}).write_result(some_result(), {});
  const auto leave = [&] {
    root.write("run/last.safetensors", "training state");
    root.write("run/last.safetensors.final", "weights");
    root.write("run/last.safetensors.4194305.tmp", "half");
  };
  const auto is_settled = [&] {
    return read_file(path / "last.safetensors") == "weights" &&
           !std::filesystem::exists(path / "last.safetensors.final") &&
           !std::filesystem::exists(path / "last.safetensors.4194305.tmp");
  };
  leave();
  {
    const FileLock other(path / run_files::lock);
    settle(path);
    CHECK(read_file(path / "last.safetensors") == "training state");
  }
  settle(path);
  CHECK(is_settled());
  settle(path);
  CHECK(is_settled());
  leave();
  RunDirectory(path, identity, {}).write_result(some_result(), {});
  CHECK(is_settled());
}

TEST_CASE("the logits of the test images are kept in half precision") {
  const test::TemporaryDirectory root;
  const RunIdentity identity{.config = make_config(Json::object())};
  CHECK_FALSE(read_test_outputs(root.path()));
  // To the nearest of float16, of two the even one; subnormal, too large.
  const std::vector<float> logits = {1, -2.5f, 2049, 2051, 1e-7f, 3e-8f, 1e6f, -1e6f, 0.1f, 0};
  const std::vector<float> rounded = {
      1, -2.5f, 2048, 2052, 0x1p-23f, 0x1p-24f, 65504, -65504, 0.0999755859375f, 0};
  const std::vector<std::int32_t> labels = {1, 0};
  RunDirectory(root.path(), identity, {}).write_test_outputs({logits, labels, 5});
  const auto outputs = read_test_outputs(root.path());
  REQUIRE(outputs);
  CHECK(outputs->logits == rounded);
  CHECK(outputs->labels == labels);
  CHECK(outputs->classes == 5);
  root.write(run_files::logits, "nothing");
  CHECK_THROWS_AS(read_test_outputs(root.path()), kernels::Error);
}

TEST_CASE("all metrics survive a result file, and a file from before they existed is read") {
  const test::TemporaryDirectory root;
  const RunIdentity identity{.config = make_config(Json::object())};
  RunResult r = some_result();
  r.test.brier = 0.5;
  r.test.calibration = Calibration{.bins = 2,
                                   .ece_10 = 0.1,
                                   .ece_20 = 0.2,
                                   .adaptive_ece = 0.3,
                                   .classwise_ece = 0.4,
                                   .mce = 0.5,
                                   .debiased_ece = 0.15,
                                   .reliability = {{}, {3, 0.75, 0.5}}};
  r.test.scaled = TemperatureScaled{1.25, 0.75, 0.125};
  r.test.diversity.spacing = 4;
  r.test.diversity.vasicek = -2.5;
  r.train.diversity.spacing = 4;
  RunDirectory(root.path(), identity, {}).write_result(r, {});
  auto found = find_result(root.path(), identity);
  REQUIRE(found);
  CHECK(to_json(*found) == to_json(r));
  CHECK(found->test.calibration->reliability[1].accuracy == 0.5);
  CHECK(found->test.scaled->temperature == 1.25);
  CHECK(found->test.diversity.vasicek == -2.5);
  CHECK(found->train.diversity.spacing == 4);
  CHECK_FALSE(found->train.diversity.vasicek);

  Json old = Json::parse(read_file(root.path() / "result.json"));
  CHECK(old["test"]["calibration"].erase("debiased_ece") == 1);  // as it follows from the bins
  root.write("result.json", old.dump());
  CHECK(*find_result(root.path(), identity)->test.calibration->debiased_ece ==
        Approx(debiased_calibration_error(r.test.calibration->reliability)));
  for (const char* key :
       {"brier", "calibration", "temperature_scaled", "confidence_diversity_vasicek"})
    CHECK(old["test"].erase(key) == 1);
  root.write("result.json", old.dump());
  found = find_result(root.path(), identity);
  REQUIRE(found);
  CHECK_FALSE(found->test.brier);
  CHECK_FALSE(found->test.calibration);
  CHECK_FALSE(found->test.scaled);
  CHECK(found->test.diversity.spacing == 0);
  CHECK_FALSE(found->test.diversity.vasicek);
  CHECK(found->test.accuracy == 0.75);
}

TEST_CASE("paths that are not UTF-8 are written down as far as they are") {
  const test::TemporaryDirectory root;
  const RunIdentity identity{.config = make_config(Json::object())};
  const Json provenance = {{"data_dir", "caf\xE9"}};
  RunDirectory(root.path(), identity, provenance).write_result(some_result(), provenance);
  for (const char* name : {"config.json", "result.json"}) {
    const Json json = Json::parse(read_file(root.path() / name));
    CHECK(json["circumstances"]["data_dir"] == "caf\uFFFD");
  }
}

TEST_CASE("a directory of another run is named with the first difference and left alone") {
  const test::TemporaryDirectory root;
  const RunIdentity identity{.config = make_config({{"lr", 0.1}}),
                             .inputs = {{"data", "01"}, {"teacher", "02"}}};
  { const RunDirectory place(root.path(), identity, Json::object()); }
  root.write("last.safetensors", "");
  const std::string before = read_file(root.path() / "config.json");

  RunIdentity other = identity;
  other.config.lr = 0.2;
  other.config.epochs = 3;
  const std::string start = root.path().string() + " holds another run (";
  const std::string end = "): choose another directory, or remove it";
  CHECK(error_of([&] { find_result(root.path(), other); }) ==
        start + "epochs is 150 there, 3 here" + end);
  other = identity;
  other.inputs["teacher"] = "03";
  CHECK(error_of([&] { find_result(root.path(), other); }) ==
        start + "teacher is \"02\" there, \"03\" here" + end);
  other.inputs.erase("teacher");
  CHECK(error_of([&] { find_result(root.path(), other); }) == "");
  CHECK(read_file(root.path() / "config.json") == before);

  const test::TemporaryDirectory foreign;
  foreign.write("best.safetensors", "precious");
  CHECK(error_of([&] { find_result(foreign.path(), identity); }) ==
        foreign.path().string() + " holds another run (there is best.safetensors, but no " +
            "config.json): choose another directory, or remove it");
}

TEST_CASE("a directory whose run has finished no epoch is free for another") {
  const test::TemporaryDirectory root;
  RunIdentity identity{.config = make_config({{"lr", 0.1}}), .inputs = {{"data", "01"}}};
  { const RunDirectory place(root.path(), identity, {{"threads", 1}}); }
  root.write("epochs.csv", "epoch\n");
  root.write("steps.csv", "step\n1\n");
  identity.config.lr = 0.2;
  identity.inputs["data"] = "02";
  CHECK_FALSE(find_result(root.path(), identity));
  { const RunDirectory place(root.path(), identity, {{"threads", 2}}); }
  const Json json = Json::parse(read_file(root.path() / "config.json"));
  CHECK(json["run"] == to_json(identity.config));
  CHECK(json["inputs"] == identity.inputs);
  CHECK(json["circumstances"]["threads"] == 2);
  CHECK_FALSE(std::filesystem::exists(root.path() / "steps.csv"));
}

TEST_CASE("a config file without a younger field has its default") {
  const test::TemporaryDirectory root;
  const RunIdentity identity{.config = make_config(Json::object())};
  Json run = to_json(identity.config);
  run.erase("beta_a");
  root.write("config.json", Json{{"run", run}}.dump());
  CHECK(state_text(root.path(), identity) == "not started");
  root.write("last.safetensors", "");
  RunIdentity other = identity;
  other.config.beta_a = 5;
  CHECK(state_text(root.path(), other) == "holds another run (beta_a is 3.0 there, 5.0 here)");
}

TEST_CASE("damaged files of a run are named") {
  const test::TemporaryDirectory root;
  const RunIdentity identity{.config = make_config(Json::object())};
  root.write("config.json", Json{{"run", to_json(identity.config)}}.dump());
  root.write("result.json", "{\"best_epoch\": 3");
  CHECK(error_of([&] { find_result(root.path(), identity); }) ==
        (root.path() / "result.json").string() +
            " is not sound JSON: it ends too early, after 16 bytes; remove its directory to run "
            "again");
  root.write("result.json", "{}");
  CHECK(error_of([&] { find_result(root.path(), identity); }).find("lacks what a result has") !=
        std::string::npos);
  for (const char* damaged :
       {"[]", R"({"run": 5})", R"({"run": {"zzz": 1}})", R"({"run": {"lr": "high"}})"}) {
    const std::string file = root.write("config.json", damaged).string();
    const std::string error = error_of([&] { find_result(root.path(), identity); });
    INFO(error);
    CHECK(error.starts_with(file + " holds no run's config ("));
    CHECK(error.ends_with("); remove its directory to run again"));
    CHECK(error.find("json.exception") == std::string::npos);
  }
  for (const auto& [part, fact] :
       {std::pair(R"("inputs": 5)", "inputs is 5, should be an object"),
        {R"("inputs": [1])", "inputs is a list, should be an object"},
        {R"("inputs": {"ranks": "x"})", "inputs.ranks is \"x\", should be a whole number"},
        {R"("inputs": {"ranks": true})", "inputs.ranks is true, should be a whole number"},
        {R"("inputs": {"ranks": 4294967297})", "inputs.ranks is 4294967297, should be"},
        {R"("inputs": {"ranks": -1})", "inputs.ranks is -1, should be"},
        {R"("data": 5)", "data is 5, should be an object"},
        {R"("data": {"classes": 5})", "data.classes is 5, should be a list"},
        {R"("data": {"classes": [1]})", "data.classes[0] is 1, should be"},
        {R"("circumstances": 5)", "circumstances is 5, should be an object"},
        {R"("circumstances": {"threads": "two"})", "circumstances.threads is \"two\", should be"},
        {R"("circumstances": {"threads": -1})", "circumstances.threads is -1, should be"},
        {R"("circumstances": {"threads": 1.5})", "circumstances.threads is 1.5, should be"},
        {R"("circumstances": {"threads": 4294967297})", "circumstances.threads is 4294967297"}}) {
    const std::string file = root.write("config.json", fmt::format(R"({{"run": {{}}, {}}})", part));
    for (const auto& reader : {std::function<void()>([&] { find_result(root.path(), identity); }),
                               std::function<void()>([&] {
                                 std::filesystem::remove(root.path() / "result.json");
                                 root.write("last.safetensors", "");
                                 begun_with(root.path());
                               })}) {
      const std::string error = error_of(reader);
      INFO(error);
      CHECK(error.starts_with(fmt::format("{} holds no run's config ({}", file, fact)));
      CHECK(error.ends_with("); remove its directory to run again"));
    }
  }
  root.write("config.json", Json{{"run", to_json(identity.config)}}.dump());
  root.write("result.json", R"({"best_epoch": 99, "epochs": 3})");
  CHECK_THAT(error_of([&] { find_result(root.path(), identity); }),
             Catch::Matchers::Contains("epochs is 3, should be a whole number from 99"));
  root.write(
      "config.json",
      Json{{"run", to_json(identity.config)}, {"inputs", Json::object()}, {"circumstances", 5}}
          .dump());
  CHECK_FALSE(copy_finished(root.path(), root.path() / "copy", identity, Json::object()));
}

TEST_CASE("deep JSON is refused, and stops no run beside it") {
  const test::TemporaryDirectory root;
  const RunIdentity identity{.config = make_config(Json::object())};
  const std::string deep =
      R"({"run":{"lr":)" + std::string(200000, '[') + std::string(200000, ']') + "}}";
  const std::string sound =
      Json{{"run", to_json(identity.config)}, {"inputs", Json::object()}}.dump();
  const std::string wrong = "is not sound JSON: it is nested deeper than 64 levels";
  const auto check = [&](const char* config, const char* result) {
    root.write("x/config.json", config);
    root.write("x/result.json", result);
    CHECK_THAT(error_of([&] { find_result(root.path() / "x", identity); }),
               Catch::Matchers::Contains(wrong));
    CHECK_FALSE(copy_finished(root.path() / "x", root.path() / "copy", identity, Json::object()));
  };
  check(deep.c_str(), "{}");
  CHECK_THAT(state_text(root.path() / "x", identity), Catch::Matchers::Contains("damaged"));
  check(sound.c_str(), deep.c_str());
}

TEST_CASE("a log goes on behind the rows that count") {
  const test::TemporaryDirectory root;
  const auto path = root.path() / "epochs.csv";
  const auto rows = [&] { return read_file(path); };
  CsvLog(path, "epoch,loss", 0).add("1,a\n2,b\n3,c");
  CHECK(rows() == "epoch,loss\n1,a\n2,b\n3,c");
  CHECK(CsvLog::last_row(rows()) == 2);
  CsvLog(path, "epoch,loss", 2).add("3,d\n");
  CHECK(rows() == "epoch,loss\n1,a\n2,b\n3,d\n");
  CHECK(CsvLog(path, "epoch,loss", 2).missing() == 0);
  CHECK(rows() == "epoch,loss\n1,a\n2,b\n");
  CsvLog(path, "epoch,loss", 0);
  CHECK(rows() == "epoch,loss\n");
  CHECK(CsvLog::last_row(rows()) == 0);
}

TEST_CASE("rows that a log has lost are counted, and sound ones stay") {
  const test::TemporaryDirectory root;
  const auto path = root.path() / "epochs.csv";
  const auto resumed = [&](const std::string& text, std::uint32_t keep) {
    root.write("epochs.csv", text);
    const CsvLog log(path, "epoch,loss", keep);
    return std::pair(log.missing(), read_file(path));
  };
  using Resumed = std::pair<std::uint32_t, std::string>;
  const std::string head = "epoch,loss\n";
  CHECK(resumed(head + "1,a\n2,b\n", 4) == Resumed(2, head + "1,a\n2,b\n"));
  CHECK(resumed(head + "1,a\n5,e\n6,f\n", 6) == Resumed(3, head + "1,a\n5,e\n6,f\n"));
  CHECK(resumed(head + "1,a\n1,a\nx,b\n2\n2,b,c\n,b\n-2,b\n2,b\n", 2) ==
        Resumed(0, head + "1,a\n2,b\n"));
  CHECK(resumed(head + std::string(20, '\0'), 2) == Resumed(2, head));
  CHECK(resumed("", 2) == Resumed(2, head));
  CHECK(resumed("epoch,accuracy\n1,a\n", 1) == Resumed(1, head));
  std::filesystem::remove(path);
  CHECK(CsvLog(path, "epoch,loss", 3).missing() == 3);
}

TEST_CASE("fingerprints see every byte and its place") {
  std::string text(41, 'x');
  const auto print = [](const std::string& s) {
    return fingerprint(std::as_bytes(std::span(s.data(), s.size())));
  };
  const std::string whole = print(text);
  CHECK(whole.size() == 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int bit : {0, 7}) {
      std::string other = text;
      other[i] = char(other[i] ^ (1 << bit));
      CHECK(print(other) != whole);
    }
  }
  CHECK(print("abcdefgh12345678") != print("12345678abcdefgh"));
  CHECK(print("") != print(std::string(1, '\0')));
}
