// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace experiments {

/// Runs work(0), work(1), ... in `count` processes at once, made by fork: so call it before
/// anything starts threads or a GPU. What each says goes to DIRECTORY/job1.log, job2.log, ... Calls
/// `watch` now and then until all have ended; a stop asked of this process is passed on to them.
/// Throws Interrupted after a stop, or Error with the last line of the first one that failed.
void run_processes(int count, const std::filesystem::path& directory,
                   const std::function<void(int)>& work, const std::function<void()>& watch);

/// The status, 0 to 255, that `work` gives in a process of its own, made by fork; empty if that
/// could not be made, or was killed. For what must not be done to this process, as starting a GPU.
std::optional<int> in_own_process(const std::function<int()>& work);

struct Ended {
  int status;          // 0: it did what it should
  std::string errors;  // its standard error
};

/// Runs a program, looked for in PATH, to its end: its name, and its arguments. Empty if there is
/// no such program. Throws Error if it cannot be started.
std::optional<Ended> run_to_end(std::vector<std::string> words);

}  // namespace experiments
