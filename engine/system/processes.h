// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <functional>

namespace experiments {

/// Runs work(0), work(1), ... in `count` processes at once, made by fork: so call it before
/// anything starts threads or a GPU. What each says goes to DIRECTORY/job1.log, job2.log, ... Calls
/// `watch` now and then until all have ended; a stop asked of this process is passed on to them.
/// Throws Interrupted after a stop, or Error with the last line of the first one that failed.
void run_processes(int count, const std::filesystem::path& directory,
                   const std::function<void(int)>& work, const std::function<void()>& watch);

}  // namespace experiments
