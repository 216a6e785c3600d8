// SPDX-License-Identifier: MIT
// The programs with --device cuda, as a user meets them.
#include <cuda_runtime_api.h>

#include <cstdlib>
#include <set>

#include "engine/system/files.h"
#include "experiments/runs/config.h"
#include "kernels/runtime/error.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using experiments::Json;
using experiments::read_file;
using test::last_line;
using test::Outcome;
using test::run;
namespace fs = std::filesystem;

namespace {

/// This machine with more said of it, in the words of CUDA_ON_HOST.
test::Surroundings machine(const std::string& more) {
  const char* here = std::getenv("CUDA_ON_HOST");
  return {.environment = {{"CUDA_ON_HOST", std::string(here ? here : "") + " " + more}}};
}

std::set<std::string> files_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename());
  return names;
}

std::vector<std::string> few_steps(const test::TinyDataset& images, const fs::path& out,
                                   const std::vector<std::string>& more) {
  std::vector<std::string> all =
      test::tiny("train", images.dir(), {"--batch-size", "8", "--epochs", "2", "--out", out});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

TEST_CASE("train --device cuda learns from real images, and evaluate reads what it leaves") {
  const std::string model = GENERATE("resnet8", "densenet-bc-16-4");
  const test::TinyDataset images = test::real_images(32, 16);
  const test::TemporaryDirectory root;
  const auto train = [&](const std::string& device) {
    const fs::path out = root.path() / device;
    const Outcome trained =
        run(few_steps(images, out, {"--model", model, "--device", device, "--precision", "f32"}));
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    CHECK_THAT(trained.err, StartsWith("device: " + device));
    return out;
  };
  const fs::path cuda = train("cuda"), cpu = train("cpu");
  CHECK(files_in(cuda) == files_in(cpu));
  const Json config = Json::parse(read_file(cuda / "config.json"));
  CHECK(config.at("run") == Json::parse(read_file(cpu / "config.json")).at("run"));
  CHECK(config.at("circumstances").at("device") == "cuda:0");
  CHECK(config.at("circumstances").at("gpu") == "CUDA on host");
  CHECK(config.at("circumstances").at("deterministic") == true);

  const Json result = Json::parse(read_file(cuda / "result.json"));
  for (const std::string device : {"cuda", "cpu"}) {
    const Outcome measured = run({"evaluate", "--json", "--weights", cuda / "best.safetensors",
                                  "--data-dir", images.dir(), "--device", device});
    INFO(measured.err);
    REQUIRE(measured.status == 0);
    const Json metrics = Json::parse(measured.out);
    CHECK(metrics.at("nll").get<double>() ==
          Approx(result.at("test").at("nll").get<double>()).epsilon(1e-5));
    CHECK(metrics.at("accuracy") == result.at("test").at("accuracy"));
  }
}

TEST_CASE("a run on a GPU is in tf32 if nobody says otherwise, and goes on in what it began with") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const auto precision_of = [&](const fs::path& out, const std::vector<std::string>& options) {
    const Outcome outcome = run(few_steps(images, root.path() / out, options));
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return Json::parse(read_file(root.path() / out / "config.json")).at("run").at("precision");
  };
  CHECK(precision_of("gpu", {"--device", "cuda"}) == "tf32");
  CHECK(precision_of("cpu", {"--device", "cpu"}) == "f32");
  CHECK(precision_of("auto", {"--device", "auto"}) == "f32");  // the cpu: this GPU is a host
  CHECK(precision_of("asked", {"--device", "cuda", "--precision", "exact"}) == "exact");
  CHECK(precision_of("asked", {"--device", "cuda", "--epochs", "2"}) == "exact");
}

TEST_CASE("figure 1 runs on cuda from teacher to student") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const Outcome outcome =
      run(test::tiny("figure1_sequential", images.dir(),
                     {"--device", "cuda", "--model", "densenet-bc-10-4", "--epochs", "1",
                      "--generations", "1", "--seeds", "1", "--train-limit", "16", "--val-limit",
                      "8", "--batch-size", "8", "--out", root.path() / "figure1"}));
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.err, StartsWith("device: cuda:0, CUDA on host"));
  CHECK(fs::exists(root.path() / "figure1" / "figure1.png"));
}

TEST_CASE("a GPU that cannot be had is an error, and for auto a reason to take the cpu") {
  struct Case {
    std::string machine, device, reason;
  };
  const std::string toolkit =
      fmt::format("{}.{}", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
  const Case c = GENERATE_COPY(
      Case{"driver=0", "cuda", "no NVIDIA driver is installed"},
      Case{"driver=12020", "cuda",
           "the NVIDIA driver is for CUDA 12.2, this program needs " + toolkit +
               ": update the driver"},
      Case{"devices=0", "cuda", "no CUDA device (does CUDA_VISIBLE_DEVICES hide it?)"},
      Case{"", "cuda:7", "cuda:7 does not exist; there is 1 CUDA device"});
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const auto with = [&](const std::string& device) {
    return run(few_steps(images, out, {"--device", device, "--max-steps", "1"}),
               machine(c.machine));
  };
  const Outcome refused = with(c.device);
  CHECK(refused.status == 1);
  CHECK(refused.err == fmt::format("train: --device {}: {}\n", c.device, c.reason));
  CHECK_FALSE(fs::exists(out));
  if (c.device != "cuda") return;
  const Outcome automatic = with("auto");
  CHECK(automatic.status == 0);
  CHECK_THAT(automatic.err, StartsWith(fmt::format("device: cpu ({}), 1 thread", c.reason)));
}

TEST_CASE("auto leaves kernels on the host to those who ask for them") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const Outcome outcome = run(few_steps(images, root.path() / "run", {"--max-steps", "1"}));
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.err, StartsWith("device: cpu (this build runs CUDA kernels on the host"));
}

TEST_CASE("another GPU, TF32 and other algorithms are taken and written down") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const Outcome outcome =
      run(few_steps(images, out,
                    {"--device", "cuda:1", "--model", "densenet-bc-10-4", "--max-steps", "1",
                     "--precision", "tf32", "--no-deterministic"}),
          machine("devices=2 memory=2048"));
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.err, StartsWith("device: cuda:1, CUDA on host, 2 GiB, nondeterministic ("));
  CHECK_THAT(outcome.err, Contains(", precision tf32"));
  CHECK(Json::parse(read_file(out / "config.json")).at("run").at("precision") == "tf32");
  const Json about = Json::parse(read_file(out / "result.json")).at("circumstances");
  CHECK(about.at("device") == "cuda:1");
  CHECK(about.at("deterministic") == false);
}

TEST_CASE("jobs take the GPUs by turns, and one that was named keeps them all") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const auto devices = [&](const std::string& device) {
    const fs::path out = root.path() / device;
    const Outcome outcome =
        run(test::tiny("figure1_sequential", images.dir(),
                       {"--device",    device, "--model",       "densenet-bc-10-4",
                        "--epochs",    "1",    "--generations", "1",
                        "--seeds",     "3",    "--train-limit", "10",
                        "--val-limit", "8",    "--batch-size",  "10",
                        "--jobs",      "3",    "--out",         out}),
            machine("devices=2"));
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    std::string all;
    for (const char* log : {"job1.log", "job2.log", "job3.log"}) {
      const std::string said = read_file(out / "jobs" / log);
      CHECK_THAT(said, StartsWith("device: cuda:"));
      all += said.substr(0, said.find(',')) + "\n";
    }
    return all;
  };
  CHECK(devices("cuda") == "device: cuda:0\ndevice: cuda:1\ndevice: cuda:0\n");
  CHECK(devices("cuda:1") == "device: cuda:1\ndevice: cuda:1\ndevice: cuda:1\n");
}

TEST_CASE("a GPU too small for the batch: what was asked for, what is free, what to lower") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const Outcome outcome =
      run(few_steps(images, root.path() / "run", {"--device", "cuda"}), machine("memory=4"));
  CHECK(outcome.status == 1);
  const std::string error = last_line(outcome.err);
  CHECK_THAT(error, StartsWith("train: ") && Contains("out of memory: ") &&
                        Contains("MiB were asked for") && Contains("of the GPU's 4 MiB are free") &&
                        Contains("a smaller batch or network needs less"));
}

TEST_CASE("a kernel that fails ends the program with a line, and with its name if asked") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const auto train = [&](const std::string& synchronous) {
    test::Surroundings around = machine("fail=sgd");
    around.environment.emplace_back("SOFTLABEL_SYNC", synchronous);
    const Outcome outcome =
        run(few_steps(images, root.path() / "run",
                      {"--device", "cuda", "--model", "densenet-bc-10-4", "--max-steps", "2"}),
            around);
    CHECK(outcome.status == 1);
    return last_line(outcome.err);
  };
  const std::string named = train("1");
  CHECK_THAT(named, StartsWith("train: sgd_elements<4, false> failed: an illegal memory access was "
                               "encountered ("));
  CHECK_THAT(named, Contains("kernels/cuda/sgd.cu:"));
  const std::string late = train("0");
  CHECK_THAT(late, StartsWith("train: "));
  CHECK_THAT(late, Contains("an illegal memory access") && Contains("SOFTLABEL_SYNC=1 names"));
}

TEST_CASE("a batch of one trains, one of none is refused") {
  const test::TinyDataset images(32, 8);
  const test::TemporaryDirectory root;
  const fs::path out = root.path() / "run";
  const auto train = [&](const std::string& batch_size) {
    return run(few_steps(images, out,
                         {"--device", "cuda", "--model", "densenet-bc-10-4", "--max-steps", "2",
                          "--batch-size", batch_size}));
  };
  const Outcome none = train("0");
  CHECK(none.status == 2);
  CHECK_THAT(last_line(none.err), StartsWith("train: --batch-size is 0, should be"));
  CHECK_FALSE(fs::exists(out));
  const Outcome one = train("1");
  INFO(one.err);
  CHECK(one.status == 0);
}
