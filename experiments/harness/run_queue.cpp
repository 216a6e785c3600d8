// SPDX-License-Identifier: MIT
#include "experiments/harness/run_queue.h"

#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "engine/process/processes.h"
#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "engine/system/file_lock.h"
#include "engine/system/files.h"
#include "engine/system/shown.h"
#include "experiments/command_line/option_names.h"
#include "experiments/runs/run_leftovers.h"
#include "experiments/training/training.h"
#include "kernels/runtime/error.h"
#include "nn/files/safetensors.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::fail;
using kernels::require;

namespace {

/// How long runs take, by those that are finished, whenever that was.
class Pace {
 public:
  void add(const RunResult& result) { seconds_ += result.seconds, ++runs_; }
  double seconds_each() const { return seconds_ / runs_; }

 private:
  double seconds_ = 0;
  int runs_ = 0;
};

/// The data set that the run at hand needs. Experiments go data set by data set, so one is kept.
class LoadedData {
 public:
  LoadedData(const Machine& machine, nn::Device device) : machine_(machine), device_(device) {}

  const TrainingData& of(const RunConfig& config) {
    if (data_ && data_->serves(config)) return *data_;
    data_ = nullptr;  // before the next one takes its place in memory
    data_ = std::make_unique<TrainingData>(config, machine_.data_dir, device_, machine_.cache_dir,
                                           machine_.most_data_bytes());
    return *data_;
  }

 private:
  const Machine& machine_;
  nn::Device device_;
  std::unique_ptr<TrainingData> data_;
};

struct Shard {
  std::size_t index = 0, count = 1;
};

Shard shard_of(const std::string& text) {
  const Range positive = from(1, std::numeric_limits<int>::max());
  try {
    const std::size_t slash = std::min(text.find('/'), text.size() - 1);
    const int i = parse<int>(text.substr(0, slash), positive),
              n = parse<int>(text.substr(slash + 1), positive);
    if (i <= n) return {std::size_t(i - 1), std::size_t(n)};
  } catch (const Unfit&) {
  }
  fail("--shard is {}, should be i/n with 1 <= i <= n, as 2/4", shown(text));
}

}  // namespace

RunQueue::RunQueue(std::vector<Run> runs, fs::path directory, const Selection& selection)
    : runs_(std::move(runs)), directory_(std::move(directory)) {
  const Shard shard = shard_of(selection.shard);
  std::map<std::string_view, std::size_t> before;  // the runs so far
  std::vector<std::size_t> roots;  // of each run which of the first teachers: what shards deal by
  std::size_t first_teachers = 0;
  for (const Run& run : runs_) {
    const auto teacher = before.find(run.teacher);
    require(before.emplace(run.name, index_of(run)).second,
            "two runs are called {}: is a value given twice?", run.name);
    try {
      validate(run.config);
    } catch (const kernels::Error& e) {
      fail("{}: {}", run.name, e.what());
    }
    require(run.teacher.empty() || teacher != before.end(),
            "{} learns from {}, which is no run before it", run.name, run.teacher);
    teachers_.push_back(run.teacher.empty() ? index_of(run) : teacher->second);
    roots.push_back(run.teacher.empty() ? first_teachers++ : roots[teacher->second]);
    selected_.push_back(
        roots.back() % shard.count == shard.index &&
        (selection.only.empty() || fnmatch(selection.only.c_str(), run.name.c_str(), 0) == 0));
  }
  require(std::find(selected_.begin(), selected_.end(), true) != selected_.end(),
          "{}{}: none of the {} runs; --list prints them",
          selection.only.empty() ? "" : "--only " + shown(selection.only),
          shard.count == 1
              ? ""
              : fmt::format("{}--shard {}", selection.only.empty() ? "" : " ", selection.shard),
          runs_.size());
}

const Run* RunQueue::teacher_of(const Run& run) const {
  const std::size_t teacher = teachers_[index_of(run)];
  return teacher == index_of(run) ? nullptr : &runs_[teacher];
}

const Run& RunQueue::first_unfinished(const Run& run) const {
  const Run* teacher = teacher_of(run);
  return teacher && !finished(*teacher) ? first_unfinished(*teacher) : run;
}

bool RunQueue::finished(const Run& run) const {
  return fs::exists(folder(run) / run_files::result);
}

std::size_t RunQueue::unfinished() const {
  return std::size_t(
      std::count_if(runs_.begin(), runs_.end(), [this](const Run& r) { return !finished(r); }));
}

std::size_t RunQueue::index_of(const Run& run) const { return std::size_t(&run - runs_.data()); }

std::string RunQueue::label(const Run& run) const {
  return fmt::format("[{}/{}] {}", index_of(run) + 1, runs_.size(), run.name);
}

void RunQueue::print_finished(const Run& run, const RunResult& result, double seconds_each) const {
  std::size_t left = 0;
  for (const Run& other : runs_) left += selected_[index_of(other)] && !finished(other) ? 1 : 0;
  const std::string ahead = left == 0 ? ""
                                      : fmt::format("; runs left: {}, about {}", left,
                                                    duration_text(double(left) * seconds_each));
  note(fmt::format("{}: test accuracy {:.2f} %, NLL {:.4f}{}", label(run),
                   100 * result.test.accuracy, result.test.nll, ahead));
}

namespace {

/// The entries of a directory, as far as it can be read.
std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code unreadable;
  for (fs::directory_iterator entry(directory, unreadable), end; !unreadable && entry != end;
       entry.increment(unreadable))
    entries.push_back(entry->path());
  return entries;
}

/// Why a teacher's checkpoint cannot be read; empty if it can. The fingerprint of a damaged one
/// would make its student "another run".
std::string damage_of(const fs::path& teacher) try {
  nn::read_safetensors(teacher);
  return {};
} catch (const kernels::Error& e) {
  return fmt::format("{}; remove {} to train it again", e.what(), teacher.parent_path().string());
}

}  // namespace

/// Experiments share teachers and baselines; the first to finish one serves the others.
void RunQueue::adopt_finished(const Run& run, const RunIdentity& identity,
                              const Json& provenance) const {
  for (const fs::path& experiment : entries_of(fs::canonical(directory_).parent_path())) {
    for (const fs::path& other : entries_of(experiment)) {
      if (!copy_finished(other, folder(run), identity, provenance)) continue;
      note(fmt::format("{}: the same as {}", label(run), other.string()));
      return;
    }
  }
}

void RunQueue::print_states() const {
  std::size_t width = 0;
  for (const Run& run : runs_) width = std::max(width, run.name.size());
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (!selected_[i]) continue;
    if (stop_requested()) throw Interrupted("stopped");
    fmt::print("{:<{}}  {}\n", runs_[i].name, width,
               state_text(folder(runs_[i]), {runs_[i].config}));
  }
}

/// One process's share of the work.
class RunQueue::Worker {
 public:
  Worker(const RunQueue& queue, const Machine& machine, const std::function<void()>& follow)
      : queue_(queue),
        machine_(machine),
        follow_(follow),
        data_(machine_, machine_.start(queue.runs_.front().config.precision)),
        done_(queue.runs_.size()) {}

  void work() {
    prepare();
    do {
      awaited_ = nullptr;
      progressed_ = false;
      for (const Run& run : queue_.runs_) {
        const std::size_t i = queue_.index_of(run);
        if (queue_.selected_[i] && !done_[i]) advance(run);
      }
    } while (awaited_ != nullptr && (progressed_ || wait()));
    if (failures_.size() == 1) fail("{}", failures_.front());
    if (!failures_.empty()) fail("{} runs failed, first {}", failures_.size(), failures_.front());
  }

 private:
  /// Removes the leftovers of killed processes, and looks whether the directory is this
  /// experiment's.
  void prepare() const {
    make_writable_directory(queue_.directory_);
    for (const fs::path& entry : entries_of(queue_.directory_)) {
      if (entry.extension() != run_files::part_ending) continue;
      const std::string name = entry.filename();  // RUN.part; RUN.PID.part of an older version
      if (std::ranges::any_of(queue_.runs_,
                              [&](const Run& r) { return name.starts_with(r.name + "."); }))
        remove_dead_copy(entry);
    }
    // Results of another experiment stop this one now, not after hours.
    for (const Run& run : queue_.runs_) {
      if (stop_requested()) throw Interrupted("stopped; the same command goes on");
      find_result(queue_.folder(run), {run.config});
    }
  }

  bool is_taken(const Run& run) const {
    return !queue_.finished(run) && FileLock::taken(queue_.folder(run) / run_files::lock);
  }

  /// Finishes a run, if it has its teacher and nobody else trains it.
  void advance(const Run& run) {
    if (const Run& first = queue_.first_unfinished(run); &first != &run) {
      if (!done_[queue_.index_of(first)]) awaited_ = &first;
      return;
    }
    if (is_taken(run)) {
      awaited_ = &run;
      return;
    }
    RunInputs inputs;
    if (!run.teacher.empty()) {
      inputs.teacher = queue_.directory_ / run.teacher / run_files::best;
      if (const std::string damage = damage_of(inputs.teacher); !damage.empty())
        return add_failure(run, damage);
      inputs.kept_answers = {machine_.kept_answers, 1e9 * machine_.most_gigabytes};
    }
    RunOptions options{.label = queue_.label(run),
                       .provenance = machine_.provenance(),
                       .graph = machine_.graph,
                       .threads_given = machine_.threads > 0};
    if (follow_)
      options.after_epoch = [this](const EpochRecord&) {
        follow_();
        return true;
      };
    options.provenance["teacher"] = run.teacher;
    const TrainingData& data = data_.of(run.config);
    const RunIdentity identity = identity_of(run.config, data, inputs);
    if (!fs::exists(queue_.folder(run))) queue_.adopt_finished(run, identity, options.provenance);
    finish(run, find_result(queue_.folder(run), identity), data, inputs, options);
  }

  void finish(const Run& run, const std::optional<RunResult>& before, const TrainingData& data,
              const RunInputs& inputs, const RunOptions& options) {
    const fs::path folder = queue_.folder(run);
    try {
      if (before) settle(folder);
      const RunResult result =
          before ? *before : train_run(run.config, data, inputs, folder, options);
      done_[queue_.index_of(run)] = progressed_ = true;
      pace_.add(result);
      if (!before) queue_.print_finished(run, result, pace_.seconds_each());
    } catch (const InUse&) {  // since a moment ago
      awaited_ = &run;
    } catch (const Interrupted& e) {
      throw Interrupted(fmt::format("{}: {}", run.name, e.what()));
    } catch (const kernels::Error& e) {
      add_failure(run, e.what());
    }
  }

  void add_failure(const Run& run, const std::string& why) {
    done_[queue_.index_of(run)] = progressed_ = true;
    failures_.push_back(fmt::format("{}: {}", run.name, why));
    note(fmt::format("{}: {}", queue_.label(run), with_option_names(why)));
  }

  /// Waits a second for a run of another process; false if nobody will ever finish it.
  bool wait() {
    if (!queue_.selected_[queue_.index_of(*awaited_)] && !queue_.finished(*awaited_) &&
        !is_taken(*awaited_)) {
      failures_.push_back(awaited_->name +
                          " is not finished, is not among the selected runs, and nobody trains it");
      return false;
    }
    if (stop_requested()) throw Interrupted("stopped while waiting for " + awaited_->name);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return true;
  }

  const RunQueue& queue_;
  Machine machine_;
  const std::function<void()>& follow_;
  LoadedData data_;
  std::vector<bool> done_;  // finished, or failed here
  std::vector<std::string> failures_;
  Pace pace_;
  // Of the round at hand: a run that is not finished and that this process cannot train yet, and
  // whether any run was finished.
  const Run* awaited_ = nullptr;
  bool progressed_ = false;
};

void RunQueue::work(const Machine& machine, const std::function<void()>& follow) const {
  Worker(*this, machine, follow).work();
}

void RunQueue::work(const Machine& machine, int jobs, const std::function<void()>& follow) const {
  if (jobs == 1) return work(machine, follow);
  const auto work_on_share = [&](int job) {
    Machine share = machine;
    share.job = job;
    share.jobs = jobs;
    work(share, follow);
  };
  std::vector<bool> known(runs_.size());
  Pace pace;
  const auto look = [&](bool print) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (!selected_[i] || known[i] || !finished(runs_[i])) continue;
      known[i] = true;
      const auto result = find_result(folder(runs_[i]), {runs_[i].config});
      pace.add(*result);
      if (print) print_finished(runs_[i], *result, pace.seconds_each() / jobs);
    }
  };
  look(false);
  run_processes(jobs, directory_ / "jobs", work_on_share, [&] { look(true); });
  look(true);
}

std::vector<FinishedRun> RunQueue::finished_ones() const {
  std::vector<FinishedRun> measured;
  for (const Run& run : runs_)
    if (const auto result = find_result(folder(run), {run.config}))
      measured.push_back({run.name, run.factors, *result});
  return measured;
}

std::vector<FinishedRun> RunQueue::results() const {
  std::vector<FinishedRun> measured = finished_ones();
  if (measured.size() < runs_.size()) return {};
  return measured;
}

std::vector<RunState> RunQueue::states() const {
  std::vector<RunState> states;
  for (const Run& run : runs_)
    states.push_back({run.name, run.factors, state_text(folder(run), {run.config})});
  return states;
}

}  // namespace experiments
