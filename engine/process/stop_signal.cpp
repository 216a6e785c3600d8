// SPDX-License-Identifier: MIT
#include "engine/process/stop_signal.h"

#include <csignal>

namespace experiments {

namespace {
volatile std::sig_atomic_t requested = 0;
}

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = [](int signal) { requested = signal; };
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return requested != 0; }
int stop_status() { return 128 + (requested != 0 ? int(requested) : SIGINT); }

}  // namespace experiments
