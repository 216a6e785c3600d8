// SPDX-License-Identifier: MIT
#include "experiments/training/continuation.h"

#include <fmt/format.h>

#include "engine/process/progress.h"
#include "engine/system/file_lock.h"
#include "experiments/runs/run_directory.h"
#include "kernels/process/processors.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"

namespace experiments {

namespace fs = std::filesystem;
using kernels::require;

namespace {

std::string threads_text(int count) {
  return fmt::format("{} thread{}", count, count == 1 ? "" : "s");
}

/// The cpu, or the GPU and how it computes; and by what, if that is known of both.
std::string device_text(const Json& provenance, const Json& other) {
  std::string text = "the cpu";
  if (provenance.contains("gpu"))
    text = fmt::format("{}, deterministic {}", provenance.at("gpu").dump(),
                       provenance.value("deterministic", Json()).dump());
  if (provenance.contains("libraries") && other.contains("libraries"))
    text += ", " + to_text(provenance.at("libraries"));
  return text;
}

}  // namespace

Continuation::Continuation(const fs::path& directory, const RunOptions& options)
    : directory_(directory),
      begun_with_(begun_with(directory)),
      provenance_(options.provenance),
      threads_before_(kernels::threads()) {
  if (!begun_with_.contains("device") || !provenance_.contains("device")) return;
  const std::string there = device_text(begun_with_, provenance_),
                    here = device_text(provenance_, begun_with_);
  require(there == here,
          "{0} was begun on {1}; on {2} it would be no run of either: go on there, or remove {0} "
          "to begin anew",
          directory.string(), there, here);
  const int threads = begun_with_.value("threads", 0);  // 0: an early version did not say
  if (provenance_.contains("gpu") || threads == 0 || threads == kernels::threads()) return;
  take_threads(threads, options);
  provenance_["threads"] = kernels::threads();
}

Continuation::~Continuation() {
  if (kernels::threads() != threads_before_) kernels::set_threads(threads_before_);
}

void Continuation::take_threads(int begun, const RunOptions& options) const {
  const std::string directory = directory_.string();
  const kernels::ThreadLimit most = kernels::most_threads();
  require(begun <= most.threads,
          "{0} was begun with {1}, of which this process may use {2} ({3}): go on where it may use "
          "them, or remove {0} to begin anew",
          directory, threads_text(begun), most.threads, most.reason);
  require(!options.threads_given,
          "{0} was begun with {1}; with {2} its results would be those of neither: give `threads` "
          "{3}, or remove {0} to begin anew",
          directory, threads_text(begun), kernels::threads(), begun);
  kernels::set_threads(begun);
  require(kernels::threads() == begun, "{} was begun with {}, but OpenMP gives {}", directory,
          threads_text(begun), kernels::threads());
  note(fmt::format("{}: goes on with {}, as it was begun", options.label, threads_text(begun)));
}

void Continuation::check_again() const {
  if (begun_with(directory_) != begun_with_)
    throw InUse(directory_.string() + " was in use by another process just now: try again");
}

}  // namespace experiments
