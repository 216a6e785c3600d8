// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/runtime/error.h"

namespace experiments {

/// The user asked to stop. The message says how to go on.
struct Interrupted : kernels::Error {
  using Error::Error;
};

/// Makes the first SIGINT or SIGTERM ask for a stop, which training heeds at its next step; the
/// second one ends the process as usual.
void catch_stop_signals();
bool stop_requested();

/// The customary exit status of a process that a signal stopped: 130 for SIGINT, 143 for SIGTERM.
int stop_status();

}  // namespace experiments
