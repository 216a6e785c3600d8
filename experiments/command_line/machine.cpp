// SPDX-License-Identifier: MIT
#include "experiments/command_line/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/process/processes.h"
#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "experiments/command_line/command_line.h"
#include "experiments/command_line/version.h"
#include "kernels/process/processors.h"
#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/large_data.h"
#include "kernels/runtime/math_libraries.h"
#include "kernels/runtime/math_mode.h"
#include "kernels/runtime/run.h"

namespace experiments {

using kernels::require;

namespace {

/// The number in "cuda" (0) and "cuda:N"; none in other text.
std::optional<int> gpu_index(std::string_view device) {
  if (device == "cuda") return 0;
  if (!device.starts_with("cuda:")) return std::nullopt;
  try {
    return parse<int>(device.substr(5), from(0, std::numeric_limits<int>::max()));
  } catch (const Unfit&) {
    return std::nullopt;
  }
}

/// The GPU if auto means one; else `why_not` says what is in the way.
std::optional<kernels::Gpu> find_gpu(int index, std::string& why_not) {
  try {
    kernels::select_gpu(index);
    const kernels::Gpu gpu = kernels::gpu();
    if (!gpu.is_host) return gpu;
    why_not = "this build runs CUDA kernels on the host, for tests; --device cuda does so";
  } catch (const kernels::Error& e) {
    why_not = e.what();
  }
  return std::nullopt;
}

kernels::Gpu demand_gpu(const std::string& device, int index) {
  try {
    kernels::select_gpu(index);
    return kernels::gpu();
  } catch (const kernels::Error& e) {
    kernels::fail("--device {}: {}", device, e.what());
  }
}

/// How many ranks may use the processors that this one may, and no others.
int ranks_on_these_processors() {
  char machine[256] = {};
  gethostname(machine, sizeof machine - 1);
  std::ifstream status("/proc/self/status");
  std::string mine = machine;
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Cpus_allowed_list")) mine += line;
  const std::vector<std::string> all = kernels::said_by_ranks(mine);
  return int(std::count(all.begin(), all.end(), mine));
}

/// Sets what was asked for; says how many came and why.
std::string take_threads(const kernels::ThreadLimit& wanted) {
  kernels::set_threads(wanted.threads);
  const int threads = kernels::threads();
  return fmt::format("{} thread{} ({})", threads, threads == 1 ? "" : "s",
                     threads < wanted.threads ? "OpenMP gives no more" : wanted.reason);
}

/// Says whom it waits for if that takes long, and heeds signals. Throws Interrupted.
void join_other_ranks() {
  const auto start = std::chrono::steady_clock::now();
  bool said = false;
  kernels::join_ranks([&](const std::string& what) {
    if (stop_requested()) throw Interrupted("stopped while it waited: " + what);
    if (said || std::chrono::steady_clock::now() - start < std::chrono::seconds(3)) return;
    note("waiting: " + what);
    said = true;
  });
}

std::string describe(const kernels::Gpu& gpu, bool deterministic) {
  return fmt::format("cuda:{}, {}, {:.0f} GiB{}{}", gpu.index, gpu.name,
                     double(gpu.memory) / double(std::size_t{1} << 30),
                     deterministic ? "" : ", nondeterministic",
                     gpu.is_host ? " (kernels run on the host: right, but very slow)" : "");
}

}  // namespace

CLI::Option* add_precision(CLI::App& app, kernels::Precision& precision) {
  const auto& names = names_of<kernels::Precision>;
  return add_choice(
             app, "--precision", precision_help, {names.begin(), names.end()},
             [&](const std::string& name) { precision = value_named<kernels::Precision>(name); })
      ->default_str(name_of(precision));
}

CLI::Option* add_graph(CLI::App& app, std::optional<bool>& graph) {
  return add_choice(
             app, "--graph",
             "cuda: steps on whole batches are launched as one, to the same bits as one by one",
             {"on", "off"}, [&](const std::string& chosen) { graph = chosen == "on"; })
      ->default_str("on, but for networks and losses of a program's own");
}

CLI::Option* add_temperature(CLI::App& app, std::optional<double>& temperature) {
  return add_text_option(
             app, "--temperature",
             "divides the logits before the softmax; auto is what the run fitted on its validation "
             "images, so that probabilities are as often right as they say",
             "auto|T",
             [&](const std::string& text) {
               temperature.reset();
               if (text != "auto") temperature = parse<double>(text, f32_positive);
             })
      ->default_str("auto");
}

void Machine::add_options(CLI::App& app) {
  const char* group = "Machine";
  add_path(app, "--data-dir", data_dir, "where the data set's files are (default: see README)",
           "DIR")
      ->group(group);
  add_path(app, "--cache-dir", cache_dir,
           "where decoded pictures are kept (default: beside them, else ~/.cache/softlabel)", "DIR")
      ->group(group);
  add_text_option(
      app, "--data-memory",
      "gigabytes that images may take of the device's memory; with more, batches are read from the "
      "decoded pictures' file, to the same bits",
      "GB",
      [this](const std::string& text) {
        data_gigabytes = parse<double>(text, {.least = 0, .most = 1e6});
      })
      ->default_str("half of what is free")
      ->group(group);
  add_device_options(app);
}

void Machine::add_training_options(CLI::App& app) {
  const char* group = "Machine";
  add_graph(app, graph)->group(group);
  CLI::Option* where = add_path(
      app, "--keep-teacher-logits", kept_answers,
      "keep there what a teacher says of each view, for other students with the same seed", "DIR");
  where->group(group);
  add_value(app, "--keep-at-most", most_gigabytes, "gigabytes of it",
            {.least = 0, .most = 1e6, .above = true})
      ->default_str("20")
      ->needs(where)
      ->group(group);
}

void Machine::add_device_options(CLI::App& app) {
  const char* group = "Machine";
  add_value(app, "--device", device, "what to compute on; auto is cuda where there is a GPU")
      ->type_name("auto|cpu|cuda|cuda:N")
      ->default_str(device)
      ->group(group);
  add_value(app, "--threads", threads, "threads to compute with on the cpu", from(0, 1024))
      ->type_name("N")
      ->default_str("0, as many as this process may use, or OMP_NUM_THREADS")
      ->group(group);
  app.add_flag("--deterministic,!--no-deterministic", deterministic,
               "cuda: runs repeat bit for bit; on unless --no-deterministic, which may be faster")
      ->group(group);
}

kernels::ThreadLimit Machine::wanted_threads() const {
  const kernels::ThreadLimit most = kernels::most_threads();
  require(threads <= most.threads,
          "--threads is {}, but this process may use {} ({}); without --threads it does", threads,
          most.threads, most.reason);
  if (threads > 0) return {threads, "--threads"};
  if (threads_each > 0) return {threads_each, "of each run, whatever the processor"};
  const kernels::ThreadLimit usual = kernels::usual_threads();
  if (jobs == 1) return usual;
  return {std::max(1, usual.threads / jobs),
          fmt::format("the share of one of {} {}; {}: {}", jobs,
                      kernels::ranks().count > 1 ? "ranks" : "jobs", usual.reason, usual.threads)};
}

void Machine::refuse_unused(std::span<const RunConfig> runs) const {
  if (cache_dir.empty() || std::any_of(runs.begin(), runs.end(), [](const RunConfig& c) {
        return data::has_pictures(c.dataset);
      }))
    return;
  throw UsageError(fmt::format("--cache-dir is for data sets of pictures, not {}",
                               runs.empty() ? "these" : runs.front().dataset));
}

Machine::Found Machine::find() const {
  const std::optional<int> index = gpu_index(device);
  if (!kernels::has_cuda || (device != "auto" && !index)) return Found::cpu;
  const auto probe = [&] {
    std::string ignored;
    try {
      if (index ? (demand_gpu(device, *index), true) : find_gpu(0, ignored).has_value())
        return kernels::why_unavailable(nn::Device::cuda, kernels::Precision::tf32).empty()
                   ? Found::gpu_with_tf32
                   : Found::gpu;
    } catch (const kernels::Error&) {  // start() says it
    }
    return Found::cpu;
  };
  if (!found_)
    found_ = Found(in_own_process([&] { return int(probe()); }).value_or(int(Found::cpu)));
  return *found_;
}

kernels::Precision Machine::usual_precision() const {
  return find() == Found::gpu_with_tf32 ? kernels::Precision::tf32 : kernels::Precision::f32;
}

int Machine::usual_jobs() const {
  return find() == Found::cpu ? kernels::usual_threads().threads : 1;
}

nn::Device Machine::start(kernels::Precision precision) {
  precision_ = precision;
  const std::optional<int> index = gpu_index(device);
  if (device != "auto" && device != "cpu" && !index)
    throw UsageError(fmt::format(
        "--device {} is unknown; there are auto, cpu, cuda and cuda:N (the GPU with number N)",
        device));
  if (joins_ranks) join_other_ranks();
  const kernels::Ranks& ranks = kernels::ranks();
  if (ranks.count > 1) {
    job = ranks.local_rank;
    jobs = ranks_on_these_processors();
  }
  const int sharing = std::max(jobs, ranks.local_count);  // this machine's GPUs
  const std::string said_of_threads = take_threads(wanted_threads());
  kernels::set_math_mode({.deterministic = deterministic});
  kernels::set_precision(precision);

  std::string why_cpu = "as asked";
  const int gpus = sharing > 1 && device != "cpu" ? kernels::gpu_count() : 0;
  const bool is_dealt = gpus > 1 && (device == "auto" || device == "cuda");
  if (index)
    gpu_ = demand_gpu(device, is_dealt ? job % gpus : *index);
  else if (device == "auto")
    gpu_ = find_gpu(is_dealt ? job % gpus : 0, why_cpu);
  require(gpu_ || deterministic, "--no-deterministic is for a GPU, and this runs on the cpu ({})",
          why_cpu);
  require(gpu_ || !graph.value_or(false), "--graph on is for a GPU, and this runs on the cpu ({})",
          why_cpu);
  const nn::Device where = gpu_ ? nn::Device::cuda : nn::Device::cpu;
  const std::string name = name_of(precision);
  const std::string reason = kernels::why_unavailable(where, precision);
  require(reason.empty(), "--precision {} on {}: {}; use --precision f32", name,
          gpu_ ? gpu_->name : fmt::format("the cpu ({})", why_cpu), reason);
  const std::string said_of_device =
      gpu_ ? describe(*gpu_, deterministic) : fmt::format("cpu ({}), {}", why_cpu, said_of_threads);
  note(fmt::format("device: {}{}{}", said_of_device,
                   precision == kernels::Precision::f32 ? "" : fmt::format(", precision {}", name),
                   ranks.count == 1 ? "" : fmt::format(", on each of {} ranks", ranks.count)));
  if (!gpu_ && !on_cpu.empty()) note(on_cpu);
  return where;
}

double Machine::most_data_bytes() const {
  if (data_gigabytes) return 1e9 * *data_gigabytes;
  const int processes = std::max(jobs, kernels::ranks().local_count);
  const int devices = gpu_ ? std::max(1, kernels::gpu_count()) : 1;
  return kernels::free_memory(gpu_ ? nn::Device::cuda : nn::Device::cpu) / 2 /
         double((processes + devices - 1) / devices);
}

Json Machine::provenance() const {
  Json all = {
      {"version", version},
      {"commit", commit},
      {"device", gpu_ ? fmt::format("cuda:{}", gpu_->index) : "cpu"},
      {"threads", kernels::threads()},
      {"libraries", kernels::math_libraries(gpu_ ? nn::Device::cuda : nn::Device::cpu, precision_)},
      {"data_dir", data_dir.empty() ? "" : std::filesystem::absolute(data_dir).string()}};
  if (kernels::ranks().count > 1) all["ranks"] = kernels::ranks().count;
  if (!gpu_) return all;
  all["gpu"] = gpu_->name;
  all["deterministic"] = deterministic;
  return all;
}

}  // namespace experiments
