// SPDX-License-Identifier: MIT
#include "kernels/idle_threads.h"

#include <unistd.h>

#include <cstdlib>

namespace kernels {

void let_idle_threads_sleep(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (setenv("GOMP_SPINCOUNT", "1000", 1) != 0) return;
  execv("/proc/self/exe", argv);  // returns only if it fails; then the threads spin
}

}  // namespace kernels
