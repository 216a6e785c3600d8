// SPDX-License-Identifier: MIT
#pragma once

namespace experiments {

/// Call this first in main. A standard stream that is closed becomes /dev/null, or the next file
/// that is opened would take its number and receive what is meant for the stream; writing to a
/// standard output that was closed stays an error. A pipe whose reader has gone is no longer a
/// reason to be killed: what is said on standard error is a courtesy.
void guard_standard_streams();

}  // namespace experiments
