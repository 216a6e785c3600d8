// SPDX-License-Identifier: MIT
// The programs as a user meets them: options, exit status, messages, files.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "experiments/config.h"
#include "experiments/files.h"
#include "nn/safetensors.h"
#include "test/tiny_dataset.h"

using Catch::Matchers::Contains;
using experiments::Json;
using experiments::read_file;
namespace fs = std::filesystem;

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

/// A program that was started, with its outputs in files.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, rlim_t largest_file = RLIM_INFINITY)
      : out_(directory_.path() / "out"), err_(directory_.path() / "err") {
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    const bool redirected = std::freopen(out_.c_str(), "w", stdout) != nullptr &&
                            std::freopen(err_.c_str(), "w", stderr) != nullptr;
    const rlimit limit{largest_file, largest_file};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::vector<char*> argv;
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    const std::string program = std::string(SOFTLABEL_BIN) + "/" + arguments.front();
    if (redirected) execv(program.c_str(), argv.data());
    _exit(99);
  }

  void signal(int number) const { kill(pid_, number); }

  Outcome wait() const {
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status), read_file(out_),
            read_file(err_)};
  }

 private:
  test::TemporaryDirectory directory_;
  fs::path out_, err_;
  pid_t pid_;
};

Outcome run(const std::vector<std::string>& arguments) { return Process(arguments).wait(); }

/// `train` on tiny data, with more options.
std::vector<std::string> tiny(const std::string& program, const test::TinyDataset& data,
                              const std::vector<std::string>& more) {
  std::vector<std::string> all = {program,     "--data-dir",    data.dir().string(),
                                  "--dataset", "fashion-mnist", "--model",
                                  "resnet8",   "--batch-size",  "20",
                                  "--lr",      "0.05",          "--val-fraction",
                                  "0.25",      "--threads",     "1"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

}  // namespace

TEST_CASE("impossible requests end with one line and a status") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string out = (root.path() / "run").string();
  struct Case {
    std::vector<std::string> options;
    int status;
    std::string message;
  };
  const Case c = GENERATE_COPY(
      Case{{"train", "--dataset", "mnist"},
           1,
           "--dataset mnist is unknown; there are fashion-mnist"},
      Case{{"train", "--model", "resnet9"}, 1, "resnet9"},
      Case{{"train", "--loss", "mse"}, 2, "--loss: mse not in {ce,ls,sd,beta,ema}"},
      Case{{"train", "--alpha", "2"}, 1, "--alpha is 2, should be in [0, 1]"},
      Case{{"train", "--temperature", "0"}, 1, "--temperature is 0, should be greater than 0"},
      Case{{"train", "--epochs", "many"}, 2, "--epochs"},
      Case{{"train", "--batch-size", "1000"}, 1, "there are only"},
      Case{{"train", "--data-dir", "/nowhere"}, 1, "/nowhere"},
      Case{{"train", "--device", "tpu"}, 1, "--device tpu is unknown; there is cpu"},
      Case{{"train", "--frobnicate"}, 2, "--frobnicate"},
      Case{{"train", "--out", "/proc/run"}, 1, "/proc/run"},
      Case{{"evaluate"}, 2, "--weights is required"},
      Case{{"evaluate", "--weights", "/nowhere.safetensors"}, 1, "/nowhere.safetensors"},
      Case{{"figure1_sequential", "--seeds", "0"}, 1, "--seeds is 0, should be at least 1"},
      Case{{"figure1_sequential", "--preset", "huge"}, 2, "--preset"});
  std::vector<std::string> arguments = c.options;
  if (arguments.front() == "train") {
    arguments = {"train",     "--out",         out,       "--data-dir", data.dir().string(),
                 "--dataset", "fashion-mnist", "--model", "resnet8",    "--batch-size",
                 "20"};
    for (std::size_t i = 1; i < c.options.size(); ++i) arguments.push_back(c.options[i]);
  }
  const Outcome outcome = run(arguments);
  CHECK(outcome.status == c.status);
  CHECK_THAT(outcome.err, Contains(c.message));
  CHECK_THAT(outcome.err, Catch::Matchers::StartsWith(arguments.front() + ": "));
  CHECK(is_one_line(outcome.err));
  CHECK(outcome.out.empty());
  CHECK_FALSE(fs::exists(out));
}

TEST_CASE("every program explains itself") {
  for (const std::string program : {"train", "evaluate", "figure1_sequential"}) {
    const Outcome outcome = run({program, "--help"});
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
    for (const char* part : {"--data-dir", "--threads", "--model", "Example", "Machine:"}) {
      CHECK_THAT(outcome.out, Contains(part));
    }
  }
}

TEST_CASE("train, evaluate: the result on standard output, the rest in files") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string a = (root.path() / "a").string(), b = (root.path() / "b").string();
  const Outcome trained = run(tiny("train", data, {"--epochs", "3", "--out", a}));
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK_THAT(trained.out, Contains("test accuracy"));
  CHECK(read_file(a + "/steps.csv").rfind("step,loss\n1,", 0) == 0);

  const std::string best = a + "/best.safetensors", dump = (root.path() / "dump").string();
  const auto evaluate = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"evaluate", "--weights", best, "--data-dir", data.dir().string()});
    const Outcome outcome = run(more);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(outcome.err.empty());
    return Json::parse(outcome.out);
  };
  const Json result = Json::parse(read_file(a + "/result.json"));
  for (const std::string part : {"train", "val", "test"}) {
    const Json measured = evaluate({"--split", part});
    for (const char* key :
         {"accuracy", "nll", "ece", "predictive_uncertainty", "confidence_diversity", "samples"}) {
      INFO(part << " " << key);
      CHECK(measured.at(key) == result.at(part == "val" ? "validation" : part).at(key));
    }
  }
  CHECK(evaluate({"--limit", "7", "--dump-logits", dump}).at("samples") == 7);
  const nn::TensorFile logits = nn::read_safetensors(dump);
  CHECK(logits.tensors.at("logits").shape == std::vector<std::int64_t>{7, 10});
  CHECK(logits.tensors.at("labels").to_i64() == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6});

  const Outcome student = run(
      tiny("train", data,
           {"--epochs", "1", "--out", b, "--loss", "sd", "--teacher", best, "--augment", "none"}));
  INFO(student.err);
  CHECK(student.status == 0);
  const Outcome wrong = run(
      {"evaluate", "--weights", best, "--model", "resnet20", "--data-dir", data.dir().string()});
  CHECK(wrong.status == 1);
  CHECK_THAT(wrong.err, Contains("layer1.1.conv1.weight"));
  CHECK(is_one_line(wrong.err));
}

TEST_CASE("a signal ends training cleanly, and the same command goes on") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  const auto command = [&](const fs::path& out) {
    return tiny("train", data, {"--epochs", "12", "--threads", "2", "--out", out.string()});
  };
  REQUIRE(run(command(whole)).status == 0);

  const Process process(command(parts));
  while (!fs::exists(parts / "last.safetensors") && !fs::exists(parts / "result.json")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  process.signal(GENERATE(SIGINT, SIGTERM));
  const Outcome stopped = process.wait();
  CHECK(stopped.status == 130);
  CHECK_THAT(stopped.err, Contains("the same command goes on after epoch"));
  CHECK(run(command(parts)).status == 0);
  CHECK(read_file(parts / "best.safetensors") == read_file(whole / "best.safetensors"));
  CHECK(read_file(parts / "steps.csv") == read_file(whole / "steps.csv"));
}

TEST_CASE("a full disk costs neither the message nor earlier checkpoints") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string out = (root.path() / "run").string();
  const Outcome outcome =
      Process(tiny("train", data, {"--epochs", "1", "--out", out}), 100000).wait();
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err, Contains("File too large"));
  CHECK_THAT(outcome.err, Contains("safetensors"));
  CHECK_FALSE(fs::exists(out + "/best.safetensors"));
  CHECK(run(tiny("train", data, {"--epochs", "1", "--out", out})).status == 0);
  CHECK(fs::exists(out + "/result.json"));
}

TEST_CASE("figure 1 runs its queue, skips what is finished, and draws") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "figure1";
  const auto command = [&](std::vector<std::string> more) {
    std::vector<std::string> all = tiny("figure1_sequential", data,
                                        {"--out", out.string(), "--epochs", "1", "--generations",
                                         "1", "--train-limit", "40", "--val-limit", "20"});
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  const Outcome before = command({"--seeds", "2", "--list"});
  CHECK(before.status == 0);
  CHECK(before.out ==
        "seed0-generation0  not started\nseed0-generation1  not started\n"
        "seed1-generation0  not started\nseed1-generation1  not started\n");
  CHECK_FALSE(fs::exists(out));

  const Outcome first = command({"--seeds", "1"});
  INFO(first.err);
  REQUIRE(first.status == 0);
  const auto written = fs::last_write_time(out / "seed0-generation1" / "result.json");
  const Outcome second = command({"--seeds", "2"});
  REQUIRE(second.status == 0);
  CHECK_THAT(second.out, Contains((out / "figure1.png").string()));
  CHECK(fs::last_write_time(out / "seed0-generation1" / "result.json") == written);
  for (const char* name : {"figure1.svg", "figure1.png", "results.csv", "summary.csv"}) {
    CHECK(fs::file_size(out / name) > 0);
  }
  const Json results = Json::parse(read_file(out / "results.json"));
  REQUIRE(results.at("runs").size() == 4);
  REQUIRE(results.at("means").size() == 2);
  const Json &mean = results.at("means")[1], &runs = results.at("runs");
  CHECK(mean.at("generation") == 1);
  CHECK(mean.at("repeats") == 2);
  CHECK(mean.at("test_nll_mean").get<double>() ==
        Approx((runs[1].at("test_nll").get<double>() + runs[3].at("test_nll").get<double>()) / 2));
  CHECK(results.at("about").at("reduced") == true);

  // Each seed holds out its own samples; within a seed generations share them, and differ in
  // weights.
  const auto run_config = [&](const char* name) {
    return Json::parse(read_file(out / name / "config.json"));
  };
  const Json a = run_config("seed0-generation0"), b = run_config("seed0-generation1"),
             c = run_config("seed1-generation0");
  CHECK(a.at("run").at("split_seed") == b.at("run").at("split_seed"));
  CHECK(a.at("run").at("split_seed") != c.at("run").at("split_seed"));
  CHECK(a.at("run").at("seed") != b.at("run").at("seed"));
  CHECK(a.at("run").at("loss") == "ce");
  CHECK(b.at("run").at("loss") == "sd");
  CHECK(b.at("run").at("alpha") == 0);
  CHECK(b.at("circumstances").at("teacher") == "seed0-generation0");

  const Outcome other = command({"--seeds", "1", "--lr", "0.01"});
  CHECK(other.status == 1);
  CHECK_THAT(other.err, Contains("holds another run (lr is 0.05 there, 0.01 here)"));
}
