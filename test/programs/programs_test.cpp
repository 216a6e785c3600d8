// SPDX-License-Identifier: MIT
// The programs as a user meets them: options, exit status, messages, files.
#include <chrono>
#include <csignal>
#include <thread>

#include "engine/system/files.h"
#include "experiments/runs/config.h"
#include "kernels/process/processors.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/run.h"
#include "nn/files/safetensors.h"
#include "test/support/process.h"
#include "test/support/saved_logits.h"
#include "test/support/tiny_dataset.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using experiments::Json;
using experiments::read_file;
using experiments::write_file;
using test::is_one_line;
using test::last_line;
using test::Outcome;
using test::Process;
using test::run;
using test::tiny;
namespace fs = std::filesystem;

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
           2,
           "--dataset mnist is unknown; there are fashion-mnist"},
      Case{{"train", "--model", "resnet9"}, 1, "resnet9"},
      Case{{"train", "--loss", "mse"},
           2,
           "--loss is mse, should be one of ce, ls, sd, beta, ema, soft, pskd, ols, zipf"},
      Case{{"train", "--alpha", "2"}, 2, "--alpha is 2, should be a number, in [0, 1]"},
      Case{{"train", "--temperature", "0"}, 2, "--temperature is 0, should be a number, greater"},
      Case{{"train", "--epochs", "many"}, 2, "--epochs is many, should be a whole number"},
      Case{{"train", "--batch-size", "1000"}, 1, "there are only"},
      Case{{"train", "--data-dir", "/nowhere"}, 1, "/nowhere"},
      Case{{"train", "--device", "tpu"},
           2,
           "--device tpu is unknown; there are auto, cpu, cuda and cuda:N"},
      Case{{"train", "--device", "cuda:"}, 2, "--device cuda: is unknown"},
      Case{{"train", "--device", "cuda:1x"}, 2, "--device cuda:1x is unknown"},
      Case{{"train", "--threads", "100000"},
           2,
           "--threads is 100000, should be a whole number from 0 to 1024"},
      Case{{"train", "--threads", "1024"}, 1, "--threads is 1024, but this process may use"},
      Case{{"train", "--frobnicate"}, 2, "there is no option --frobnicate (see"},
      Case{{"train", "--out", "/proc/run"}, 1, "/proc/run"},
      Case{{"evaluate"}, 2, "--weights is required"},
      Case{{"evaluate", "--weights", "/nowhere.safetensors"}, 1, "/nowhere.safetensors"},
      Case{{"figure1_sequential", "--seeds", "0"},
           2,
           "--seeds is 0, should be a whole number from 1 to 1000"},
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
  // The line before the error, if any, says which device it is.
  const std::string error = last_line(outcome.err);
  CHECK_THAT(error, Contains(c.message));
  CHECK_THAT(error, StartsWith(arguments.front() + ": "));
  if (error != outcome.err) {
    CHECK_THAT(outcome.err, StartsWith("device: "));
    CHECK(is_one_line(outcome.err.substr(0, outcome.err.size() - error.size())));
  }
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
  const Outcome trained = run(tiny("train", data.dir(), {"--epochs", "3", "--out", a}));
  INFO(trained.err);
  REQUIRE(trained.status == 0);
  CHECK_THAT(trained.out, Contains("test accuracy"));
  CHECK(read_file(a + "/steps.csv").rfind("step,loss\n1,", 0) == 0);

  const std::string best = a + "/best.safetensors", dump = (root.path() / "dump").string();
  const auto evaluate = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"evaluate", "--json", "--weights", best, "--threads", "1",
                               "--data-dir", data.dir().string()});
    const Outcome outcome = run(more);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(is_one_line(outcome.err));
    CHECK_THAT(outcome.err, StartsWith("device: "));
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
  CHECK(evaluate({"--limit", "7", "--save-logits", dump}).at("samples") == 7);
  const nn::TensorFile logits = nn::read_safetensors(dump);
  CHECK(logits.tensors.at("logits").shape == std::vector<std::int64_t>{7, 10});
  CHECK(logits.tensors.at("labels").to_i64() == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6});

  CHECK(evaluate({"--limit", "8", "--save-logits", dump}).at("samples") == 8);
  const Outcome over = run({"evaluate", "--weights", best, "--save-logits", best});
  CHECK(over.status == 1);
  CHECK(over.err ==
        "evaluate: --save-logits " + best + " would overwrite a file of another kind\n");
  CHECK(evaluate({"--split", "val"}).at("nll") == result.at("validation").at("nll"));

  const test::TinyDataset more(90);
  const Outcome elsewhere = run({"evaluate", "--weights", best, "--data-dir", more.dir().string()});
  CHECK(elsewhere.status == 0);
  CHECK_THAT(elsewhere.err, Contains("fashion-mnist is not what " + best + " was trained on"));

  const Outcome student = run(
      tiny("train", data.dir(),
           {"--epochs", "1", "--out", b, "--loss", "sd", "--teacher", best, "--augment", "none"}));
  INFO(student.err);
  CHECK(student.status == 0);
  const auto probabilities_of = [&](std::vector<std::string> weights) {
    weights.insert(weights.begin(), {"evaluate", "--save-logits", dump, "--data-dir",
                                     data.dir().string(), "--weights"});
    const Outcome measured = run(weights);
    INFO(measured.err);
    REQUIRE(measured.status == 0);
    return test::probabilities_in(dump, 10);
  };
  const std::string other = b + "/best.safetensors";
  const auto one = probabilities_of({best}), two = probabilities_of({other}),
             both = probabilities_of({best, other});
  for (std::size_t row = 0; row < both.size(); ++row)
    for (std::size_t c = 0; c < 10; ++c)
      CHECK(both[row][c] == Approx((one[row][c] + two[row][c]) / 2).epsilon(1e-5).margin(1e-9));
  const Outcome wrong = run(
      {"evaluate", "--weights", best, "--model", "resnet20", "--data-dir", data.dir().string()});
  CHECK(wrong.status == 1);
  CHECK_THAT(last_line(wrong.err), StartsWith("evaluate: "));
  CHECK_THAT(last_line(wrong.err), Contains("layer1.1.conv1.weight"));
}

TEST_CASE("a signal ends training cleanly, and the same command goes on") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const fs::path whole = root.path() / "whole", parts = root.path() / "parts";
  const std::string threads = std::to_string(kernels::usual_threads().threads);
  const auto command = [&](const fs::path& out) {
    return tiny("train", data.dir(),
                {"--epochs", "12", "--threads", threads, "--out", out.string()});
  };
  REQUIRE(run(command(whole)).status == 0);

  const Process process(command(parts));
  while (!fs::exists(parts / "last.safetensors") && !fs::exists(parts / "result.json")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const int signal = GENERATE(SIGINT, SIGTERM);
  process.signal(signal);
  const Outcome stopped = process.wait();
  CHECK(stopped.status == 128 + signal);
  CHECK_THAT(stopped.err, Contains("the same command goes on after epoch"));
  if (kernels::most_threads().threads >= 2) {
    std::vector<std::string> other = command(parts);
    other.insert(other.end(), {"--threads", threads == "1" ? "2" : "1"});
    const Outcome refused = run(other);
    CHECK(refused.status == 1);
    CHECK_THAT(refused.err,
               Contains("results would be those of neither: give --threads " + threads));
  }
  CHECK(run(command(parts)).status == 0);
  CHECK(read_file(parts / "best.safetensors") == read_file(whole / "best.safetensors"));
  CHECK(read_file(parts / "steps.csv") == read_file(whole / "steps.csv"));
}

TEST_CASE("a full disk costs neither the message nor earlier checkpoints") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string out = (root.path() / "run").string();
  const Outcome outcome =
      Process(tiny("train", data.dir(), {"--epochs", "1", "--out", out}), {.largest_file = 100000})
          .wait();
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err, Contains("File too large"));
  CHECK_THAT(outcome.err, Contains("safetensors"));
  CHECK_FALSE(fs::exists(out + "/best.safetensors"));
  CHECK(run(tiny("train", data.dir(), {"--epochs", "1", "--out", out})).status == 0);
  CHECK(fs::exists(out + "/result.json"));
}

TEST_CASE("figure 1 runs its queue, skips what is finished, and draws") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "figure1";
  const auto command = [&](std::vector<std::string> more, const test::Surroundings& around = {}) {
    std::vector<std::string> all = tiny("figure1_sequential", data.dir(),
                                        {"--out", out.string(), "--epochs", "1", "--generations",
                                         "1", "--train-limit", "40", "--val-limit", "20"});
    all.insert(all.end(), more.begin(), more.end());
    return run(all, around);
  };
  const Outcome before = command({"--seeds", "2", "--list"});
  CHECK(before.status == 0);
  CHECK(before.out ==
        "seed0-generation0  not started\nseed0-generation1  not started\n"
        "seed1-generation0  not started\nseed1-generation1  not started\n");
  CHECK_FALSE(fs::exists(out));

  // Where gnuplot is not installed, it says so at once, and again where it would draw.
  const Outcome first = command({"--seeds", "1"}, {.environment = {{"PATH", root.path()}}});
  INFO(first.err);
  REQUIRE(first.status == 1);
  CHECK_THAT(first.err, Contains("install the package gnuplot-nox; until then runs are trained"));
  CHECK(last_line(first.err).ends_with("install the package gnuplot-nox\n"));
  const auto written = fs::last_write_time(out / "seed0-generation1" / "result.json");
  const Outcome drawn = command({"--seeds", "1"});
  CHECK(drawn.status == 0);
  write_file(out / "results.json", "{\"about\": ");
  const Outcome second = command({"--seeds", "2"});
  REQUIRE(second.status == 0);
  CHECK_THAT(second.err, Contains("results.json is damaged and will be made again"));
  CHECK_THAT(second.out, Contains((out / "figure1.png").string()));
  CHECK(fs::last_write_time(out / "seed0-generation1" / "result.json") == written);
  for (const char* name :
       {"figure1.svg", "figure1.png", "results.csv", "summary.csv", "claims.json", "report.html"}) {
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

  const Outcome elsewhere =
      run(tiny("figure2_temperature", data.dir(), {"--out", out.string(), "--epochs", "1"}));
  CHECK(elsewhere.status == 1);
  CHECK(last_line(elsewhere.err) == "figure2_temperature: " + out.string() +
                                        " holds results of figure1: choose another --out\n");

  const Outcome other = command({"--seeds", "1", "--lr", "0.01"});
  CHECK(other.status == 1);
  CHECK_THAT(other.err, Contains("holds another run (lr is 0.05 there, 0.01 here)"));
}

TEST_CASE("figure 2 draws figure 1's students as lines") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const auto command = [&](const std::string& program, std::vector<std::string> more) {
    for (const char* common : {"--epochs", "1", "--train-limit", "40", "--val-limit", "20",
                               "--seeds", "2", "--threads", "1"})
      more.push_back(common);
    return run(tiny(program, data.dir(), more));
  };
  const std::string figure1 = (root.path() / "figure1").string(),
                    figure2 = (root.path() / "figure2").string();
  REQUIRE(command("figure1_sequential", {"--out", figure1, "--generations", "1"}).status == 0);
  const Outcome outcome = command("figure2_temperature", {"--out", figure2, "--figure1", figure1,
                                                          "--temperatures", "1,4", "--jobs", "2"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK_THAT(read_file(figure2 + "/figure2.svg"), Contains("Figure 1, highest value"));
  const Json claim = Json::parse(read_file(figure2 + "/claims.json")).at("claims").back();
  CHECK(claim.at("name") == "best_temperature_beats_best_generation");
  const Json& comparison = claim.at("comparisons")[0];
  CHECK(comparison.at("right") == Json{{"generation", 1}});
  CHECK(comparison.at("difference").at("pairs") == 2);

  Outcome refused = command("figure2_temperature", {"--out", figure2, "--figure1", figure2});
  CHECK_THAT(refused.err, Contains("figure2 holds no finished Figure 1"));
  refused = command("figure2_temperature",
                    {"--out", figure2 + "-other", "--figure1", figure1, "--weight-decay", "0.5"});
  CHECK_THAT(refused.err, Contains("holds another run (weight_decay is 0.0001 there, 0.5 here)"));
  CHECK_FALSE(fs::exists(figure2 + "-other"));  // before anything is trained

  const Json runs = Json::parse(read_file(figure2 + "/results.json")).at("runs");
  REQUIRE(runs.size() == 6);
  CHECK(runs[2].at("teacher_predictive_uncertainty") >
        runs[1].at("teacher_predictive_uncertainty"));
}

TEST_CASE("figure 3 solves for labels of equal strength, in parts that draw when all are there") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const std::string out = (root.path() / "figure3").string();
  const auto command = [&](const std::string& shard) {
    return run({"figure3_comparison",
                "--data-dir",
                data.dir().string(),
                "--out",
                out,
                "--epochs",
                "6",
                "--train-limit",
                "50",
                "--val-limit",
                "8",
                "--batch-size",
                "10",
                "--lr",
                "0.02",
                "--models",
                "resnet8",
                "--seeds",
                "2",
                "--smoothing",
                "0.35",
                "--alpha",
                "0.6",
                "--shard",
                shard});
  };
  const Outcome first = command("1/2");
  INFO(first.err);
  REQUIRE(first.status == 0);
  CHECK_THAT(first.err, Contains("runs left: 4. The figure is drawn"));
  CHECK_FALSE(fs::exists(out + "/figure3.svg"));
  const Outcome second = command("2/2");
  INFO(second.err);
  REQUIRE(second.status == 0);
  CHECK(fs::exists(out + "/figure3.svg"));
  const Json sd = Json::parse(read_file(out + "/fashion-mnist-resnet8-seed0-sd/result.json"));
  // alpha 0.6: the teacher's labels give the true class (0.65 - 0.6) / 0.4.
  CHECK(sd.at("teacher").at("mean_true_class_probability").get<double>() ==
        Approx(0.125).epsilon(1e-4));
  const Json beta = Json::parse(read_file(out + "/fashion-mnist-resnet8-seed0-beta/result.json"));
  CHECK(beta.at("solved").at("beta_a").get<double>() == Approx(1.0 / 7));  // (0.65 - 0.6) / 0.35
  // --alpha is for soft labels of a run's own.
  const Json ls = Json::parse(read_file(out + "/fashion-mnist-resnet8-seed0-ls/config.json"));
  CHECK(ls.at("run").at("alpha") == 0);
  CHECK(Json::parse(read_file(out + "/claims.json")).at("claims").size() == 7);
}

TEST_CASE("the first line says which device it is and why, and files say it too") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const auto start = [&](const std::string& device) {
    const Outcome outcome =
        run(tiny("train", data.dir(),
                 {"--epochs", "1", "--device", device, "--out", (root.path() / device).string()}));
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.out, !Contains("device"));
    for (const char* file : {"config.json", "result.json"}) {
      const Json about = Json::parse(read_file(root.path() / device / file)).at("circumstances");
      const std::string used = about.at("device");
      CHECK_THAT(outcome.err, StartsWith("device: " + used));
      CHECK(about.contains("deterministic") == (used != "cpu"));
    }
    return outcome.err;
  };
  CHECK_THAT(start("cpu"), StartsWith("device: cpu (as asked), 1 thread (--threads)\n"));
  const std::string line = start("auto");
  if (kernels::has_cuda) return;
  const std::string why = "this build has no CUDA; configure it with -DSOFTLABEL_CUDA=ON";
  CHECK_THAT(line, StartsWith("device: cpu (" + why + "), 1 thread (--threads)\n"));
  for (const std::string device : {"cuda", "cuda:2"}) {
    const Outcome refused = run(tiny("train", data.dir(), {"--device", device}));
    CHECK(refused.status == 1);
    CHECK(refused.err == "train: --device " + device + ": " + why + "\n");
  }
}
