// SPDX-License-Identifier: MIT
#pragma once

namespace cuda_on_host {

/// From now on an invalid address ends the kernel that touched it, with a report; host code that
/// touches device memory ends the program, with a message. Called often, since test frameworks put
/// handlers of their own in place for each test.
void watch_for_faults();

}  // namespace cuda_on_host
