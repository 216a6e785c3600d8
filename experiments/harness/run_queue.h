// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "experiments/analysis/results.h"
#include "experiments/command_line/machine.h"
#include "experiments/report/report.h"
#include "experiments/runs/config.h"

namespace experiments {

/// One run of an experiment. The name is its folder, and stays the same for ever.
struct Run {
  std::string name;  // "seed0-generation2"
  Json factors;      // {"seed": 0, "generation": 2}: what distinguishes it, for tables
  RunConfig config;
  std::string teacher = {};  // the name of an earlier run whose best checkpoint teaches; or none
};

/// Which of the runs a process trains, for splitting an experiment over machines that share its
/// directory.
struct Selection {
  std::string only = {};  // a pattern of the shell for names, "seed0-*"; empty: all
  std::string shard =
      "1/1";  // "i/n": the i-th of n parts; a teacher and its students stay together
};

/// The runs of an experiment, in a directory with a folder for each. Any number of processes may
/// work on it at once, on any number of machines: each takes the next run that nobody has taken and
/// whose teacher is finished.
class RunQueue {
 public:
  /// Throws Error on a bad selection, or one of no run; on a config that no run can have; on two
  /// runs of one name; on a teacher that does not stand before its students.
  RunQueue(std::vector<Run>, std::filesystem::path directory, const Selection& = {});

  /// A line for each run to standard output. Throws Interrupted if a stop was asked for.
  void print_states() const;

  /// Trains all selected runs: skips finished ones, takes over those that an experiment in a
  /// directory beside this one has finished, goes on with interrupted ones, waits for those that
  /// other processes have. A run that fails does not keep those from training that do not learn
  /// from it: in the end throws Error with the first failure, the run's name in front. At once
  /// throws Error if a folder holds another run or the data set cannot be read, and Interrupted if
  /// a stop was asked for.
  /// After each epoch, where it is given, `follow` is called.
  void work(const Machine&, const std::function<void()>& follow = nullptr) const;
  /// The same by `jobs` processes at once, which share the processor's cores and take the GPUs that
  /// there are by turns; what they say goes to jobs/job1.log, ... in the directory.
  void work(const Machine&, int jobs, const std::function<void()>& follow = nullptr) const;

  /// The results of all runs, selected or not; empty if some are not finished. Throws Error if a
  /// folder holds another run.
  std::vector<FinishedRun> results() const;
  /// Of those runs that are finished, and how far the others are.
  std::vector<FinishedRun> finished_ones() const;
  std::vector<RunState> states() const;
  std::size_t unfinished() const;  // of all runs

 private:
  class Worker;

  std::filesystem::path folder(const Run& run) const { return directory_ / run.name; }
  bool finished(const Run&) const;
  const Run* teacher_of(const Run&) const;        // null if it has none
  const Run& first_unfinished(const Run&) const;  // of its teachers, or itself
  std::size_t index_of(const Run&) const;
  std::string label(const Run&) const;  // "[3/18] seed0-generation2"
  void adopt_finished(const Run&, const RunIdentity&, const Json& provenance) const;
  void print_finished(const Run&, const RunResult&, double seconds_each) const;

  std::vector<Run> runs_;
  std::vector<std::size_t> teachers_;  // indices of runs_; of a run without one its own
  std::filesystem::path directory_;
  std::vector<bool> selected_;
};

}  // namespace experiments
