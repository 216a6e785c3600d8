// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <span>
#include <string>

#include "experiments/runs/config.h"
#include "kernels/process/processors.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/precision.h"
#include "nn/model.h"

namespace CLI {
class App;  // their header is a long one
class Option;
}  // namespace CLI

namespace experiments {

/// --precision, for programs that have no options of runs.
CLI::Option* add_precision(CLI::App&, kernels::Precision&);

/// --graph on|off: whether steps of training are launched as one; none: as is usual.
CLI::Option* add_graph(CLI::App&, std::optional<bool>&);

/// --temperature, which divides logits; none: auto, the one that the run fitted.
CLI::Option* add_temperature(CLI::App&, std::optional<double>&);

/// Where and with what a program runs; nothing of this is part of a run's identity.
struct Machine {
  std::string data_dir, cache_dir;
  std::optional<double> data_gigabytes = std::nullopt;  // most_data_bytes()
  std::string kept_answers;                  // of teachers, for other runs; empty: nowhere
  double most_gigabytes = 20;                // of those
  std::string device = "auto";               // or cpu, cuda, cuda:N
  int threads = 0;                           // on the cpu; 0: as many as this process may use
  int threads_each = 0;                      // if not 0, so many where `threads` does not say
  bool deterministic = true;                 // on a GPU
  std::optional<bool> graph = std::nullopt;  // RunOptions::graph
  // Which it is of the processes at work together: they share processors, and GPUs by turns.
  int job = 0, jobs = 1;
  bool joins_ranks = false;  // which mpirun started, to train one run together
  std::string on_cpu = {};   // what to say if the device is the cpu

  void add_options(CLI::App&);
  void add_device_options(CLI::App&);    // the same without those of data sets
  void add_training_options(CLI::App&);  // whether steps are graphs; a teacher's answers
  /// Throws UsageError if --cache-dir is given, and no run has pictures to cache.
  void refuse_unused(std::span<const RunConfig>) const;

  /// What to compute with where nobody says: tf32 on a GPU that has it, else f32.
  kernels::Precision usual_precision() const;
  /// How many processes share the machine well where nobody says: on the cpu one for each thread
  /// that this process may use, on a GPU one.
  int usual_jobs() const;

  /// Joins the ranks, if it is to and there are some: a rank takes its share of the machine. Takes
  /// the device into use, sets threads and how it computes, and says on standard error which
  /// device it is and why: "device: cpu (no NVIDIA driver is installed), 2 threads (all
  /// processors)". Auto is cuda where there is a GPU that this build can use, else cpu. Throws
  /// Error with the reason for a device that there is not, for a precision that it does not have,
  /// and for more threads than this process may use.
  nn::Device start(kernels::Precision);

  /// What images of a data set may take of the device's memory: what --data-memory says, else half
  /// of what is free, shared with the processes that it is shared with. After start().
  double most_data_bytes() const;

  /// For config.json and result.json, with version and commit; after start().
  Json provenance() const;

 private:
  /// What --device comes to. Asks once, in a process of its own: what has used a GPU may not fork.
  enum class Found { cpu, gpu, gpu_with_tf32 };
  Found find() const;
  kernels::ThreadLimit wanted_threads() const;

  mutable std::optional<Found> found_;
  std::optional<kernels::Gpu> gpu_;  // in use
  kernels::Precision precision_ = kernels::Precision::f32;
};

}  // namespace experiments
