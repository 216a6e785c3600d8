// SPDX-License-Identifier: MIT
#pragma once

namespace experiments {

extern const char* const version;  // of the project, "0.1.0"
extern const char* const
    commit;  // the git commit of the sources, "-dirty" if changed; or "unknown"

extern const char* const build;  // "GNU 12.2.0, Release, without CUDA"

}  // namespace experiments
