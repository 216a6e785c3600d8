// SPDX-License-Identifier: MIT
#include "kernels/idle_threads.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>

namespace kernels {

void let_idle_threads_sleep(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (setenv("GOMP_SPINCOUNT", "1000", 1) != 0) return;
  // By its own path, not as /proc/self/exe, since a process is called what it was started as.
  char path[PATH_MAX + 1] = {};
  if (readlink("/proc/self/exe", path, PATH_MAX) <= 0) return;
  execv(path, argv);  // returns only if it fails; then the threads spin
}

}  // namespace kernels
