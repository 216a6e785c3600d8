// SPDX-License-Identifier: MIT
// Command lines that mean nothing, given to the programs themselves: one line, and nothing is done.
#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "engine/system/files.h"
#include "engine/system/values.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using experiments::Json;
using experiments::read_file;
using test::is_one_line;
using test::last_line;
using test::Outcome;
using test::run;
using test::tiny;
namespace fs = std::filesystem;

namespace {

struct Case {
  std::vector<std::string> arguments;
  std::string message;  // in the line
};

void check_refused(const Case& c, int status = 2) {
  INFO(fmt::format("{}", fmt::join(c.arguments, " ")));
  const Outcome outcome = run(c.arguments);
  CHECK(outcome.status == status);
  CHECK(outcome.out.empty());
  CHECK(is_one_line(outcome.err));
  CHECK_THAT(outcome.err, StartsWith(c.arguments.front() + ": ") && Contains(c.message));
}

const std::string whole = "should be a whole number from ";

}  // namespace

TEST_CASE("values that are none are refused by every program, by name") {
  const std::string huge = "99999999999999999999", fig = "figure1_sequential";
  const std::vector<Case> cases = {
      {{"train", "--train-limit", ""}, "--train-limit is empty"},
      {{"train", "--train-limit="}, "--train-limit is empty"},
      {{"train", "--seed", "-1"}, "--seed is -1, " + whole + "0 to 18446744073709551615"},
      {{"train", "--seed", huge}, "--seed is " + huge + ", " + whole},
      {{"train", "--seed=1 "}, "--seed is 1 , " + whole},
      {{"train", "--epochs", "0x10"}, "--epochs is 0x10, " + whole + "1 to 2147483647"},
      {{"train", "--epochs", "4294967297"}, "--epochs is 4294967297, " + whole},
      {{"train", "--epochs", "1e3"}, "--epochs is 1e3, " + whole},
      {{"train", "--epochs", "+5"}, "--epochs is +5, " + whole},
      {{"train", "--epochs", " 5"}, "--epochs is  5, " + whole},
      {{"train", "--epochs", "5\n"}, "--epochs is 5?, " + whole},
      {{"train", "--epochs"}, "--epochs has no value"},
      {{"train", "--milestones", "1,,2"}, "--milestones is 1,,2, each item"},
      {{"train", "--milestones", "1,2,"}, "--milestones is 1,2,, each item"},
      {{"train", "--milestones", "1, 2"}, "--milestones is 1, 2, each item"},
      {{"train", "--milestones", "1", "2"}, "'2' is too much"},
      {{"train", "--milestones", "2,1"}, "--milestones 2,1 should be ascending epochs"},
      {{"train", "--lr", "1e-46"}, "--lr is 1e-46, too near 0 for float32"},
      {{"train", "--lr", "nan"}, "--lr is nan, should be a number"},
      {{"train", "--weight-decay", "inf"}, "--weight-decay is inf, should be a number"},
      {{"train", "--lr", "0,1"}, "--lr is 0,1, should be a number"},
      {{"train", "--omega=yes"}, "--omega takes no value"},
      {{"train", "--threads", "1025"}, "--threads is 1025, " + whole + "0 to 1024"},
      {{"train", "--threads", "-1"}, "--threads is -1, " + whole},
      {{"train", "--out", ""}, "--out is empty"},
      {{"train", "--out="}, "--out is empty"},
      {{"train", "--out", "--epochs", "3"}, "--out has no value: --epochs comes next"},
      {{"train", "--out", std::string(5000, 'x')}, "File name too long"},
      {{"train", "--epoch", "3"}, "there is no option --epoch (did you mean --epochs?)"},
      {{"train", "--epoch=3"}, "there is no option --epoch (did you mean --epochs?)"},
      {{"train", ""}, "'' is too much"},
      {{"train", "3"}, "'3' is too much"},
      {{"train", "--completion", "zsh"}, "--completion is zsh, should be one of bash"},
      {{"evaluate", "--weights", "x", "--limit", "-1"}, "--limit is -1, " + whole},
      {{"evaluate", "--weights", "x", "--limit", "1.5"}, "--limit is 1.5, " + whole},
      {{"evaluate", "--weights", "x", "--bins", "0"}, "--bins is 0, " + whole},
      {{"evaluate", "--weights", "x", "--bins", huge}, "--bins is " + huge},
      {{"evaluate", "--weights", "x", "--split", "all"}, "--split is all, should be one of train"},
      {{"evaluate", "--weigths", "x"}, "there is no option --weigths (did you mean --weights?)"},
      {{fig, "--seeds", "1.0"}, "--seeds is 1.0, " + whole + "1 to 1000"},
      {{fig, "--seeds", ""}, "--seeds is empty"},
      {{fig, "--generations", "4294967297"}, "--generations is 4294967297, " + whole},
      {{fig, "--jobs", "0"}, "--jobs is 0, " + whole + "1 to 1024"},
      {{fig, "--jobs", "two"}, "--jobs is two, " + whole},
      {{fig, "--preset", "huge"}, "--preset is huge, should be one of quick"},
      {{fig, "--only", ""}, "--only is empty"},
      {{"figure2_temperature", "--temperatures", "1,,2"}, "--temperatures is 1,,2, each item"},
      {{"figure2_temperature", "--temperatures", "1,0"}, "--temperatures is 1,0, each item"},
      {{"figure2_temperature", "--temperatures", "1,1e-50"}, "--temperatures is 1,1e-50, each"},
      {{"appendix_a4_smoothing_strength", "--strengths", "0,0.1"}, "--strengths is 0,0.1, each"},
      {{"figure3_comparison", "--models", "a,,b"}, "--model is a,,b, each item"}};
  for (const Case& c : cases) check_refused(c);
  for (const char* shard : {"4294967297/4294967298", "0/1", "2/1", "1/2,", "1 /2"})
    check_refused({{fig, "--shard", shard}, fmt::format("--shard is {}, should be i/n", shard)});
  for (const char* device : {"cuda:-1", "cuda:+1", "cuda:99999999999", "cuda: 1", "cuda:1,"})
    check_refused({{"train", "--device", device}, fmt::format("--device {} is unknown", device)});
}

TEST_CASE("what the loss, the data set or the device does not use is refused") {
  const std::vector<Case> cases = {
      {{"train", "--temperature", "3"}, "--temperature is for --loss sd, ema, not ce"},
      {{"train", "--loss", "ls", "--temperature", "3"}, "is for --loss sd, ema, not ls"},
      {{"train", "--smoothing", "0.1"}, "--smoothing is for --loss ls, not ce"},
      {{"train", "--loss", "sd", "--beta-a", "3"}, "--beta-a is for --loss beta, not sd"},
      {{"train", "--teacher", "x"}, "--teacher is for --loss sd, not ce"},
      {{"train", "--new-head"}, "--new-head is for a network that starts from --weights"},
      {{"train", "--keep-teacher-logits", "x"}, "--keep-teacher-logits keeps what a --teacher"},
      {{"train", "--ema-decay", "0.9"}, "--ema-decay is for --loss beta, ema, not ce"},
      {{"train", "--schedule", "cosine", "--milestones", "5"}, "is for --schedule multi-step"},
      {{"train", "--dataset", "fashion-mnist", "--cache-dir", "x"},
       "--cache-dir is for data sets of pictures, not fashion-mnist"},
      {{"figure1_sequential", "--list", "--beta-a", "3"},
       "--beta-a is for --loss beta, not sd; no run of figure1 uses it"},
      {{"figure1_sequential", "--list", "--smoothing", "0.1"}, "no run of figure1 uses it"},
      {{"figure1_sequential", "--list", "--cache-dir", "x"}, "--cache-dir is for data sets"},
      {{"figure3_comparison", "--list", "--temperature", "3"}, "no run of figure3 uses it"}};
  for (const Case& c : cases) check_refused(c);
  // What some run uses is sound, and so is what lies in the file of a run, which has all there is.
  const test::TemporaryDirectory root;
  const std::string file = root.write("config.json", R"({"run": {"beta_a": 2}})").string(),
                    options = root.write("options.json", R"({"beta_a": 2})").string();
  check_refused({{"train", "--config", options}, "--beta-a is for --loss beta, not ce"});
  check_refused({{"figure1_sequential", "--list", "--config", options},
                 "--beta-a is for --loss beta, not sd; no run of figure1 uses it"});
  for (const std::vector<std::string>& sound :
       {std::vector<std::string>{"figure3_comparison", "--list", "--ema-decay", "0.9"},
        {"figure3_comparison", "--list", "--smoothing", "0.2"},
        {"figure1_sequential", "--list", "--config", file}}) {
    const Outcome outcome = run(sound);
    INFO(outcome.err);
    CHECK(outcome.status == 0);
  }
  check_refused({{"figure3_comparison", "--list", "--smoothing", "0"},
                 "--smoothing is 0, should be greater: methods are compared where"});
  const test::TinyDataset data;
  for (const auto& [flag, refusal] :
       {std::pair("--precision=tf32",
                  "--precision tf32 on the cpu (as asked): tf32 is for a GPU; use --precision f32"),
        std::pair("--no-deterministic",
                  "--no-deterministic is for a GPU, and this runs on the cpu (as asked)"),
        std::pair("--graph=on", "--graph on is for a GPU, and this runs on the cpu (as asked)")}) {
    const Outcome outcome = run(tiny(
        "train", data.dir(), {"--device", "cpu", flag, "--out", (root.path() / "run").string()}));
    CHECK(outcome.status == 1);
    CHECK(outcome.err == fmt::format("train: {}\n", refusal));
  }
}

TEST_CASE("figure 3 takes --dataset and --model as the others do, with lists, and the old names") {
  const auto list = [](const char* dataset, const char* model) {
    const Outcome outcome = run({"figure3_comparison", "--list", "--seeds", "1", dataset,
                                 "cifar10,fashion-mnist", model, "resnet8"});
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.out,
               Contains("cifar10-resnet8-seed0-sd") && Contains("fashion-mnist-resnet8-seed0-ce"));
    return outcome.out;
  };
  CHECK(list("--dataset", "--model") == list("--datasets", "--models"));
  const std::string help = run({"figure3_comparison", "--help"}).out;
  CHECK_THAT(help, Contains("--dataset NAME,...") && !Contains("--datasets"));
}

TEST_CASE("every program says its version, and what cannot be printed is an error") {
  for (const std::string program : {"train", "evaluate", "figure2_temperature"}) {
    const Outcome outcome = run({program, "--version"});
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
    CHECK_THAT(outcome.out, StartsWith(program + " of softlabel ") && Contains("commit ") &&
                                Contains("built by "));
  }
  for (const std::string what : {"--help", "--version", "--completion=bash"}) {
    const test::TemporaryDirectory root;
    const std::string errors = (root.path() / "err").string();
    const std::string command =
        fmt::format("'{}' {} >/dev/full 2>'{}'", test::program("train").string(), what, errors);
    const int status = std::system(command.c_str());
    CHECK(WEXITSTATUS(status) == 1);
    CHECK(read_file(errors) == "train: standard output: No space left on device\n");
  }
}

TEST_CASE("bash completes options, names, data sets, networks, lists and files") {
  const test::TemporaryDirectory root;
  root.write("weights.safetensors", "");
  const auto complete = [&](const std::string& program, const std::string& words) {
    const std::string out = (root.path() / "out").string();
    const std::string script = fmt::format(
        "cd '{0}'\nPATH='{1}':$PATH\neval \"$({2} --completion bash)\"\n"
        "COMP_WORDS=({2} {3})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n_softlabel_{2}\n"
        "echo \"${{COMPREPLY[@]}}\"; complete -p {2}\n",
        root.path().string(), test::program("").string(), program, words);
    const std::string file = root.write("script.sh", script).string();
    REQUIRE(std::system(fmt::format("bash '{}' >'{}' 2>&1", file, out).c_str()) == 0);
    const std::string text = read_file(out);
    const std::string end = fmt::format("\ncomplete -F _softlabel_{0} {0}\n", program);
    INFO(text);
    REQUIRE_THAT(text, Catch::Matchers::EndsWith(end));
    return text.substr(0, text.size() - end.size());
  };
  CHECK(complete("train", "--epo") == "--epochs");
  CHECK(complete("train", "--no-det") == "--no-deterministic");
  CHECK(complete("train", "--precision ''") == "exact f32 tf32 bf16");
  CHECK(complete("train", "--loss ''") == "ce ls sd beta ema soft pskd ols zipf");
  CHECK(complete("train", "--loss =") == "ce ls sd beta ema soft pskd ols zipf");
  CHECK(complete("train", "--loss = b") == "beta");
  CHECK(complete("train", "--dataset cif") == "cifar10 cifar100");
  CHECK(complete("train", "--model resnet3") == "resnet34 resnet34-imagenet resnet32");
  CHECK(complete("train", "--device c") == "cpu cuda");
  CHECK(complete("train", "--epochs ''") == "");
  CHECK(complete("train", "--weights wei") == "weights.safetensors");
  CHECK(complete("evaluate", "--split ''") == "train val test");
  CHECK(complete("figure3_comparison", "--dataset cifar10,cifar100") == "cifar10,cifar100");
  CHECK(complete("figure3_comparison", "--preset ''") == "quick reduced medium paper");
}

TEST_CASE("a run is made again from its config.json, and lesser files are named") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string a = (root.path() / "a").string(), b = (root.path() / "b").string();
  REQUIRE(run(tiny("train", data.dir(), {"--epochs", "2", "--seed", "3", "--out", a})).status == 0);
  const Outcome again = run({"train", "--config", a + "/config.json", "--data-dir",
                             data.dir().string(), "--threads", "1", "--out", b});
  INFO(again.err);
  REQUIRE(again.status == 0);
  CHECK(read_file(a + "/best.safetensors") == read_file(b + "/best.safetensors"));
  const Outcome finished =
      run(tiny("train", data.dir(), {"--epochs", "2", "--seed", "3", "--tensorboard", "--out", a}));
  CHECK(finished.status == 0);
  CHECK_THAT(finished.err, Contains("--tensorboard logs epochs as they are trained"));
  // The seed is what was given; the split's follows it.
  const Outcome other =
      run(tiny("train", data.dir(), {"--epochs", "2", "--seed", "4", "--out", a}));
  CHECK_THAT(other.err, Contains("holds another run (seed is 3 there, 4 here)"));

  const Outcome measured = run({"evaluate", "--weights", a + "/best.safetensors", "--config",
                                a + "/config.json", "--data-dir", data.dir().string()});
  INFO(measured.err);
  CHECK(measured.status == 0);

  // So is a student, with the teacher it had.
  const std::string c = (root.path() / "c").string(), d = (root.path() / "d").string();
  const auto student = [&](const std::vector<std::string>& options) {
    const Outcome outcome = run(tiny("train", data.dir(), options));
    INFO(outcome.err);
    CHECK(outcome.status == (options.back() == "changed" ? 1 : 0));
    return last_line(outcome.err);
  };
  student({"--epochs", "2", "--loss", "sd", "--teacher", a + "/best.safetensors", "--out", c});
  student({"--config", c + "/config.json", "--out", d});
  CHECK(read_file(c + "/best.safetensors") == read_file(d + "/best.safetensors"));
  student({"--config", c + "/config.json", "--loss", "ce", "--out", d + "/without"});
  fs::copy_file(d + "/without/best.safetensors", a + "/best.safetensors",
                fs::copy_options::overwrite_existing);
  CHECK_THAT(student({"--config", c + "/config.json", "--out", "changed"}),
             Contains(a + "/best.safetensors is not the file any more"));

  // What a run found from its loss or its epochs is found again from others.
  const std::string e = (root.path() / "e").string();
  student({"--config", a + "/config.json", "--loss", "ls", "--epochs", "1", "--out", e});
  CHECK(Json::parse(read_file(e + "/config.json"))["run"]["alpha"] == 0);
  CHECK(Json::parse(read_file(a + "/config.json"))["run"]["alpha"] == 1);

  Json config = Json::parse(read_file(a + "/config.json"));
  config["run"]["epochs"] = true;
  const std::string bad = root.write("bad.json", config.dump()).string();
  check_refused({{"train", "--config", bad}, bad + ": epochs is true, should be a whole number"},
                1);
  // What is wrong in the results of a finished run is named, with the remedy.
  for (const auto& [key, value] :
       {std::pair{"epochs", Json(4294967297)}, {"epochs", Json(true)}, {"seconds", Json("3")}}) {
    Json result = Json::parse(read_file(b + "/result.json"));
    const Json sound = result[key];
    result[key] = value;
    experiments::write_file(b + "/result.json", result.dump());
    const Outcome refused = run(
        {"train", "--config", a + "/config.json", "--data-dir", data.dir().string(), "--out", b});
    CHECK(refused.status == 1);
    CHECK_THAT(last_line(refused.err),
               Contains(b + "/result.json") && Contains(key) && Contains("remove its directory"));
    result[key] = sound;
    experiments::write_file(b + "/result.json", result.dump());
  }
  Json result = Json::parse(read_file(b + "/result.json"));
  result["test"]["confidence_diversity_by_k"]["three"] = 1;
  experiments::write_file(b + "/result.json", result.dump());
  const Outcome refused =
      run({"train", "--config", a + "/config.json", "--data-dir", data.dir().string(), "--out", b});
  CHECK_THAT(last_line(refused.err), Contains("a key of confidence_diversity_by_k is three"));
}

TEST_CASE("weights that are not numbers are named, and paths that are not UTF-8 work") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string a = (root.path() / "caf\xE9").string(), best = a + "/best.safetensors";
  REQUIRE(run(tiny("train", data.dir(), {"--max-steps", "1", "--out", a})).status == 0);
  const Outcome json =
      run({"evaluate", "--json", "--weights", best, "--data-dir", data.dir().string()});
  INFO(json.err);
  CHECK(json.status == 0);
  CHECK_THAT(Json::parse(json.out).at("weights").get<std::string>(), Contains("caf\xEF\xBF\xBD"));

  std::string bytes = read_file(best);
  for (int i = 1; i <= 4; ++i) bytes[bytes.size() - std::size_t(i)] = '\xFF';  // a NaN
  const std::string nan = root.write("nan.safetensors", bytes).string();
  const Outcome refused =
      run(tiny("train", data.dir(),
               {"--max-steps", "1", "--weights", nan, "--out", (root.path() / "b").string()}));
  CHECK(refused.status == 1);
  CHECK_THAT(last_line(refused.err), Contains("train: " + nan + " holds values that are not"));
}

TEST_CASE("predict heeds a signal, also while it waits for a list of pictures") {
  const test::TemporaryDirectory root;
  const fs::path list = root.path() / "list";
  REQUIRE(mkfifo(list.c_str(), 0600) == 0);
  const test::Process process({"/bin/sh", "-c", "exec \"$0\" --weights none - <\"$1\"",
                               test::program("predict").string(), list.string()});
  const int end = open(list.c_str(), O_WRONLY);  // waits until it is open for reading
  REQUIRE(end >= 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  process.signal(SIGTERM);
  const Outcome outcome = process.wait();
  close(end);
  CHECK(outcome.status == 143);
  CHECK(outcome.err == "predict: stopped\n");
}

TEST_CASE("a signal is told by the exit status, of experiments and their jobs too") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  for (const auto& [signal, status] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
    for (const char* jobs : {"1", "2"}) {
      const fs::path out = root.path() / fmt::format("{}-{}", signal, jobs);
      const test::Process process(tiny("figure1_sequential", data.dir(),
                                       {"--epochs", "2000", "--out", out.string(), "--train-limit",
                                        "40", "--val-limit", "20", "--jobs", jobs}));
      while (!fs::exists(out / "seed0-generation0" / "last.safetensors"))
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      process.signal(signal);
      const Outcome outcome = process.wait();
      INFO(outcome.err);
      CHECK(outcome.status == status);
      CHECK_THAT(last_line(outcome.err), Contains("the same command goes on"));
    }
  }
}
