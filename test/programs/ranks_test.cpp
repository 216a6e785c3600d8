// SPDX-License-Identifier: MIT
// One run trained by several ranks, as mpirun starts them; on a device of the build.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>
#include <tuple>

#include "engine/system/files.h"
#include "experiments/runs/config.h"
#include "experiments/runs/logs/epoch_log.h"
#include "kernels/runtime/run.h"
#include "nn/files/safetensors.h"
#include "test/support/process.h"
#include "test/support/tiny_dataset.h"

using Catch::Matchers::Contains;
using experiments::Json;
using experiments::read_file;
using test::last_line;
using test::Outcome;
using test::Process;
using test::tiny;
namespace fs = std::filesystem;

namespace {

const std::string mpirun = SOFTLABEL_MPIRUN;

const test::Surroundings surroundings{
    .environment = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                    {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                    {"OMPI_MCA_mpi_yield_when_idle", "1"},
                    {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
                    {"SOFTLABEL_RANK_TIMEOUT", "4"},
                    {"CUDA_ON_HOST", "order=random shuffle lazy"}}};

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The same command by so many ranks; one is started as usual.
std::vector<std::string> by_ranks(int ranks, std::vector<std::string> command) {
  if (ranks == 1) return command;
  command.front() = test::program(command.front()).string();
  return std::vector<std::string>{mpirun, "-np", std::to_string(ranks)} + command;
}

Outcome run(const std::vector<std::string>& command) { return test::run(command, surroundings); }

/// The numbers of a run's steps.csv.
std::vector<double> losses(const fs::path& run) {
  std::istringstream rows(read_file(run / "steps.csv"));
  std::vector<double> all;
  std::string row;
  std::getline(rows, row);
  while (std::getline(rows, row)) all.push_back(std::stod(row.substr(row.find(',') + 1)));
  return all;
}

std::vector<std::string> on_device(std::vector<std::string> command) {
  return kernels::has_cuda ? command + std::vector<std::string>{"--device", "cuda"} : command;
}

/// So many steps, so small that rounding does not grow.
std::vector<std::string> few_steps(const test::TinyDataset& data, const std::string& model,
                                   const fs::path& out, int steps) {
  return on_device(tiny("train", data.dir(),
                        {"--model", model, "--lr", "0.0001", "--precision", "exact", "--epochs",
                         "9", "--max-steps", std::to_string(steps), "--out", out.string()}));
}

/// A command whose ranks write their process's number to DIR/RANK first, and do `before`.
std::vector<std::string> with_numbers(const fs::path& directory, int ranks,
                                      std::vector<std::string> command,
                                      const std::string& before = "true") {
  command.front() = test::program(command.front()).string();
  const std::string script = "rank=$OMPI_COMM_WORLD_RANK; echo $$ > " + directory.string() +
                             "/$rank; " + before + R"(; exec "$0" "$@")";
  return std::vector<std::string>{mpirun, "-np", std::to_string(ranks), "sh", "-c", script} +
         command;
}

pid_t number_of(const fs::path& directory, int rank) {
  return std::stoi(read_file(directory / std::to_string(rank)));
}

/// A port of this machine that is free now.
struct FreePort {
  int socket = ::socket(AF_INET, SOCK_STREAM, 0), number = 0;

  FreePort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(socket, any, size) == 0);
    REQUIRE(getsockname(socket, any, &size) == 0);
    number = ntohs(address.sin_port);
  }
  ~FreePort() { close(socket); }
  FreePort(const FreePort&) = delete;
  FreePort& operator=(const FreePort&) = delete;
};

/// The same command by ranks that nobody starts together, as torchrun does: some of `count`.
class TcpRanks {
 public:
  TcpRanks(int count, const std::vector<std::string>& command, std::vector<int> which = {},
           int port = 0, const std::string& timeout = "4")
      : port_(port != 0 ? port : FreePort().number) {
    if (which.empty())
      for (int r = 0; r < count; ++r) which.push_back(r);
    for (const int rank : which) {
      test::Surroundings with = surroundings;
      for (const auto& [name, value] :
           {std::pair<std::string, std::string>("RANK", std::to_string(rank)),
            {"WORLD_SIZE", std::to_string(count)},
            {"LOCAL_RANK", std::to_string(rank)},
            {"LOCAL_WORLD_SIZE", std::to_string(count)},
            {"MASTER_ADDR", "127.0.0.1"},
            {"MASTER_PORT", std::to_string(port_)},
            {"SOFTLABEL_RANK_TIMEOUT", timeout}})
        with.environment.emplace_back(name, value);
      started_.push_back(std::make_unique<Process>(command, with));
    }
  }
  int port() const { return port_; }
  const Process& operator[](std::size_t i) const { return *started_[i]; }
  Outcome wait_for(std::size_t i) const { return started_[i]->wait(); }
  std::vector<Outcome> wait() const {
    std::vector<Outcome> outcomes;
    for (const auto& process : started_) outcomes.push_back(process->wait());
    return outcomes;
  }

 private:
  int port_;
  std::vector<std::unique_ptr<Process>> started_;
};

/// Waits for an epoch to be finished.
void wait_for_epoch(const fs::path& run) {
  for (int hundredths = 0; hundredths < 6000; ++hundredths) {
    if (fs::exists(run / "last.safetensors")) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("no epoch in a minute");
}

/// A run of two ranks that would go on for long, and what becomes of it when `hit` is done to it.
struct LongRun {
  test::TinyDataset data;
  test::TemporaryDirectory root;
  fs::path out = root.path() / "run";

  std::vector<std::string> command(const std::string& epochs) const {
    return tiny("train", data.dir(), {"--epochs", epochs, "--out", out.string()});
  }
  template <class Hit>
  Outcome after(Hit hit) {
    const Process process(with_numbers(root.path(), 2, command("5000")), surroundings);
    wait_for_epoch(out);
    hit([&](int rank, int signal) { kill(number_of(root.path(), rank), signal); });
    const auto start = std::chrono::steady_clock::now();
    Outcome outcome = process.wait();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(40));
    return outcome;
  }
};

}  // namespace

TEST_CASE("ranks with one batch norm compute what a single one does, with every loss") {
  const bool whole = std::getenv("SOFTLABEL_RANKS") != nullptr;  // else some of all
  const test::TinyDataset data(120);
  const test::TemporaryDirectory root;
  const auto path = [&](const std::string& name) { return root.path() / name; };
  const std::string densenet =
      whole && !kernels::has_cuda ? "densenet-bc-16-12" : "densenet-bc-10-4";
  const std::string model =
      kernels::has_cuda ? densenet : GENERATE_COPY(std::string("resnet8"), densenet);
  const int steps = kernels::has_cuda ? 8 : 30;
  REQUIRE(run(few_steps(data, model, path("teacher"), 5)).status == 0);
  nn::TensorFile labels;
  std::vector<float> rows(1200, 0.05f);
  for (std::size_t i = 0; i < 120; ++i) rows[10 * i + i % 7] = 0.55f;
  labels.tensors["p"] = nn::FileTensor::f32({120, 10}, rows);
  nn::write_safetensors(path("labels.safetensors"), labels);
  const std::vector<std::vector<std::string>> all = {
      {"beta"},
      {"ce"},
      {"sd", "--temperature", "2", "--teacher", path("teacher/best.safetensors").string()},
      {"ema"},
      {"pskd"},
      {"ls"},
      {"ce", "--mixup", "0.4", "--clip-norm", "1", "--optimizer", "adamw", "--lr", "1e-5"},
      {"beta", "--beta-ranking", "true-class", "--augment", "none"},
      {"ols"},
      {"soft", "--labels", path("labels.safetensors").string()},
      {"zipf"}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<std::string> loss = std::vector<std::string>{"--loss"} + all[i];
    if (!whole && i % (kernels::has_cuda || model == "resnet8" ? 2 : 3) != 0) continue;
    INFO(model << " --loss " << loss[1]);
    const fs::path one = path(fmt::format("one{}", i));
    REQUIRE(run(few_steps(data, model, one, steps) + loss).status == 0);
    const std::vector<double> expected = losses(one);
    REQUIRE(expected.size() == std::size_t(steps));
    for (const int ranks : {2, 4}) {
      if (ranks == 4 && !whole && (loss[1] != "beta" || model != "resnet8")) continue;
      const fs::path out = path(fmt::format("{}of{}", ranks, i));
      const Outcome outcome =
          run(by_ranks(ranks, few_steps(data, model, out, steps) + loss +
                                  std::vector<std::string>{"--sync-batch-norm"}));
      INFO(outcome.err);
      REQUIRE(outcome.status == 0);
      const std::vector<double> found = losses(out);
      REQUIRE(found.size() == expected.size());
      double worst = 0;
      for (std::size_t s = 0; s < found.size(); ++s)
        worst = std::max(worst, std::abs(found[s] / expected[s] - 1));
      // Where rounding swaps the ranks of two samples, they swap their soft labels too.
      CHECK(worst < (loss[1] == "beta" ? 1e-3 : 1e-5));
      CHECK(found.front() == Approx(expected.front()).epsilon(1e-6));
      const Json config = Json::parse(read_file(out / "config.json"));
      CHECK(config.at("inputs").at("ranks") == ranks);
      const auto epochs = experiments::read_epochs(out), before = experiments::read_epochs(one);
      CHECK(epochs.back().val_nll == Approx(before.back().val_nll).epsilon(1e-4));
    }
  }
}

TEST_CASE("ranks repeat bit for bit, and say in the run how many they were") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const auto command = [&](const char* name, const std::vector<std::string>& more) {
    return few_steps(data, "densenet-bc-10-4", root.path() / name, 7) +
           std::vector<std::string>{"--loss", "beta"} + more;
  };
  REQUIRE(run(by_ranks(2, command("a", {}))).status == 0);
  REQUIRE(run(by_ranks(2, command("b", {}))).status == 0);
  for (const char* file : {"best.safetensors", "last.safetensors", "steps.csv"})
    CHECK(read_file(root.path() / "a" / file) == read_file(root.path() / "b" / file));
  const Json config = Json::parse(read_file(root.path() / "a" / "config.json"));
  CHECK(config.at("inputs").at("ranks") == 2);

  // So do graphs of steps, and sums that begin within the backward pass: of each parameter at once,
  // or of some. Streams that run late or early find a wait that is missing.
  int number = 0;
  for (const auto& [megabytes, graph, streams] :
       std::vector<std::tuple<const char*, const char*, const char*>>{{"25", "off", "lazy"},
                                                                      {"0", "off", "lazy"},
                                                                      {"0", "off", "overtake"},
                                                                      {"0.01", "off", "overtake"},
                                                                      {"0", "on", "lazy"},
                                                                      {"0.01", "on", "overtake"}}) {
    if (!kernels::has_cuda) break;
    CAPTURE(megabytes, graph, streams);
    test::Surroundings with = surroundings;
    with.environment.emplace_back("SOFTLABEL_BUCKET_MB", megabytes);
    with.environment.emplace_back("CUDA_ON_HOST", streams);
    const std::string name = fmt::format("d{}", ++number);
    const Outcome outcome = test::run(by_ranks(2, command(name.c_str(), {"--graph", graph})), with);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(read_file(root.path() / "a" / "last.safetensors") ==
          read_file(root.path() / name / "last.safetensors"));
  }

  // So do batches that are read as they are wanted, of which each rank reads its part.
  REQUIRE(run(by_ranks(2, command("e", {"--data-memory", "0", "--mixup", "1"}))).status == 0);
  REQUIRE(run(by_ranks(2, command("f", {"--mixup", "1"}))).status == 0);
  CHECK(read_file(root.path() / "e" / "last.safetensors") ==
        read_file(root.path() / "f" / "last.safetensors"));

  // Whose batch norm each is by its own images is another run.
  REQUIRE(run(by_ranks(2, command("c", {"--sync-batch-norm"}))).status == 0);
  CHECK(losses(root.path() / "a") != losses(root.path() / "c"));
  const Outcome alone = run(command("a", {}));
  CHECK(alone.status == 1);
  CHECK_THAT(last_line(alone.err), Contains("holds another run (of 2 ranks, and here is 1"));
}

TEST_CASE("ranks that would not train the same run are refused, and so are too many") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const auto command = few_steps(data, "resnet8", root.path() / "run", 3);
  std::vector<std::string> first = by_ranks(1, command), second = first;
  first.front() = second.front() = test::program("train").string();
  const Outcome mixed = run(std::vector<std::string>{mpirun, "-np", "1"} + first +
                            std::vector<std::string>{":", "-np", "1"} + second +
                            std::vector<std::string>{"--seed", "2"});
  CHECK(mixed.status != 0);
  CHECK_THAT(mixed.err,
             Contains("rank 1: cannot train with the other ranks: option split_seed is 2 here, "
                      "and on rank 0 0"));
  CHECK_FALSE(fs::exists(root.path() / "run" / "result.json"));

  const Outcome many = run(by_ranks(2, command + std::vector<std::string>{"--batch-size", "59"}));
  CHECK(many.status != 0);
  CHECK_THAT(many.err,
             Contains("the last batch of an epoch has 1 image, fewer than there are ranks"));

  const Outcome alone = run(command + std::vector<std::string>{"--sync-batch-norm"});
  CHECK(alone.status == 1);
  CHECK_THAT(last_line(alone.err), Contains("--sync-batch-norm is for several ranks"));

  const Outcome experiment = run(by_ranks(2, {"figure1_sequential", "--list"}));
  CHECK(experiment.status != 0);
  CHECK_THAT(experiment.err, Contains("mpirun has started 2 processes of an experiment"));
}

TEST_CASE("ranks that the environment tells of each other train as those of mpirun") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  for (const int ranks : {2, 4}) {
    const auto command = [&](const char* launcher) {
      return few_steps(data, "densenet-bc-10-4", root.path() / fmt::format("{}{}", launcher, ranks),
                       7) +
             std::vector<std::string>{"--loss", "beta", "--sync-batch-norm"};
    };
    for (const Outcome& outcome : TcpRanks(ranks, command("tcp")).wait()) {
      INFO(outcome.err);
      REQUIRE(outcome.status == 0);
    }
    const auto file = [&](const char* launcher, const char* name) {
      return read_file(root.path() / fmt::format("{}{}", launcher, ranks) / name);
    };
    REQUIRE(run(by_ranks(ranks, command("mpi"))).status == 0);
    if (ranks > 2 && !kernels::has_cuda) continue;  // MPI adds up in an order of its own
    for (const char* name : {"last.safetensors", "steps.csv"})
      CHECK(file("tcp", name) == file("mpi", name));
  }
}

TEST_CASE("ranks that cannot find each other by TCP say why") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const auto command = few_steps(data, "resnet8", root.path() / "run", 3);
  SECTION("other numbers of ranks") {
    TcpRanks one_of_two(2, command, {0}), one_of_three(3, command, {1}, one_of_two.port());
    const std::string why = "rank 1 was told of 3 ranks, rank 0 of 2: WORLD_SIZE is one for all";
    CHECK_THAT(one_of_two.wait().front().err, Contains(why));
    CHECK_THAT(one_of_three.wait().front().err, Contains("rank 1: " + why));
  }
  SECTION("the same rank twice") {
    TcpRanks first(3, command, {0, 1}), again(3, command, {1}, first.port());
    CHECK_THAT(first.wait().front().err, Contains("there are two processes of rank 1"));
    again.wait();
  }
  SECTION("the others missing") {
    const Outcome outcome = TcpRanks(3, command, {0}, 0, "0.2").wait().front();
    CHECK(outcome.status == 1);
    CHECK_THAT(last_line(outcome.err), Contains("ranks 1, 2 have not come in 2 s"));
  }
  SECTION("rank 0 missing") {
    const Outcome outcome = TcpRanks(2, command, {1}, 0, "0.2").wait().front();
    CHECK(outcome.status == 1);
    CHECK_THAT(last_line(outcome.err), Contains("rank 0 is not at 127.0.0.1:") &&
                                           Contains("after 2 s (Connection refused)"));
  }
  SECTION("told to stop while they wait for a third") {
    TcpRanks waiting(3, command, {0, 1}, 0, "45");
    std::this_thread::sleep_for(std::chrono::seconds(4));  // rank 1 has come
    for (const std::size_t rank : {1, 0}) {
      waiting[rank].signal(SIGTERM);
      const Outcome outcome = waiting.wait_for(rank);
      CHECK(outcome.status == 143);
      if (rank == 0) CHECK_THAT(outcome.err, Contains("rank 2 has not come to port "));
    }
  }
  SECTION("a port in use") {
    const FreePort taken;
    REQUIRE(listen(taken.socket, 1) == 0);
    const Outcome outcome = TcpRanks(2, command, {0}, taken.number).wait().front();
    CHECK(outcome.status == 1);
    CHECK_THAT(
        last_line(outcome.err),
        Contains(fmt::format("port {}: it is in use; choose another MASTER_PORT", taken.number)));
  }
  CHECK_FALSE(fs::exists(root.path() / "run" / "result.json"));
}

// Signals end processes of this machine, whatever they compute on.
#if !SOFTLABEL_HAS_CUDA
TEST_CASE("a rank that dies, stops or fails ends all, and the same command goes on") {
  LongRun run_of_two;
  const fs::path out = run_of_two.out;
  SECTION("killed") {
    CHECK(run_of_two.after([](auto send) { send(1, SIGKILL); }).status != 0);
  }
  SECTION("stopped") {
    const Outcome outcome = run_of_two.after([](auto send) { send(1, SIGSTOP); });
    CHECK(outcome.status != 0);
    CHECK_THAT(outcome.err, Contains("rank 0: rank 1 on ") && Contains("has been silent for 4 s"));
  }
  SECTION("the first stopped") {
    const Outcome outcome = run_of_two.after([](auto send) { send(0, SIGSTOP); });
    CHECK(outcome.status != 0);
    CHECK_THAT(outcome.err, Contains("rank 1: rank 0 on "));
  }
  SECTION("of those that nobody started together: killed, or stopped") {
    const int signal = GENERATE(SIGKILL, SIGSTOP);
    run_of_two.out = run_of_two.root.path() / "tcp";
    TcpRanks ranks(2, run_of_two.command("5000"));
    wait_for_epoch(run_of_two.out);
    ranks[1].signal(signal);
    const auto start = std::chrono::steady_clock::now();
    const Outcome first = ranks.wait_for(0);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    if (signal == SIGSTOP) ranks[1].signal(SIGKILL);
    ranks.wait_for(1);
    CHECK(first.status == 1);
    CHECK_THAT(first.err, signal == SIGKILL ? Contains("train: rank 1 has ended (")
                                            : Contains("has been silent for 4 s"));
    CHECK(fs::exists(run_of_two.out / "last.safetensors"));
    return;
  }
  SECTION("asked to stop") {
    const Outcome outcome = run_of_two.after([](auto send) { send(1, SIGTERM); });
    CHECK(outcome.status != 0);
    CHECK_THAT(outcome.err, Contains("train: stopped in epoch"));
  }
  // What is there is whole, and goes on by two ranks to where two ranks would have come.
  const int done = int(experiments::read_epochs(out).size());
  REQUIRE(done >= 1);
  const std::string epochs = std::to_string(done + 2);
  const Json config = Json::parse(read_file(out / "config.json"));
  CHECK(config.at("inputs").at("ranks") == 2);
  const Outcome alone = run(run_of_two.command("5000"));
  CHECK(alone.status == 1);
  CHECK_THAT(last_line(alone.err), Contains("of 2 ranks, and here is 1"));
}

TEST_CASE("ranks go on after a kill to the same bits, and a full disk of the first ends all") {
  const test::TinyDataset data;
  const test::TemporaryDirectory root;
  const auto command = [&](const char* name) {
    return tiny("train", data.dir(),
                {"--epochs", "25", "--loss", "ema", "--out", (root.path() / name).string()});
  };
  REQUIRE(run(by_ranks(2, command("whole"))).status == 0);
  {
    const Process process(with_numbers(root.path(), 2, command("halves")), surroundings);
    wait_for_epoch(root.path() / "halves");
    kill(number_of(root.path(), 1), SIGKILL);
    process.wait();
  }
  REQUIRE_FALSE(fs::exists(root.path() / "halves" / "result.json"));
  const Outcome again = run(by_ranks(2, command("halves")));
  INFO(again.err);
  REQUIRE(again.status == 0);
  for (const char* file : {"best.safetensors", "last.safetensors"})
    CHECK(read_file(root.path() / "whole" / file) == read_file(root.path() / "halves" / file));

  const Outcome full =
      run(with_numbers(root.path(), 2, command("full"), "if [ $rank = 0 ]; then ulimit -f 16; fi"));
  CHECK(full.status != 0);
  CHECK_THAT(full.err, Contains("train: ") && Contains("File too large"));
}
#endif
