// SPDX-License-Identifier: MIT
#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/process/stop_signal.h"

namespace test {

/// Whether an action ends with Interrupted once a stop was asked for. In a process of its own,
/// since a stop cannot be taken back.
template <class Action>
bool heeds_stop(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    experiments::catch_stop_signals();
    std::raise(SIGTERM);
    try {
      action();
    } catch (const experiments::Interrupted&) {
      _exit(7);
    }
    _exit(1);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 7;
}

}  // namespace test
