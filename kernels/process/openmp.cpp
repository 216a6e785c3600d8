// SPDX-License-Identifier: MIT
#include "kernels/process/openmp.h"

#include <sched.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "kernels/process/processors.h"

namespace kernels {
namespace {

bool is_set(const char* name) { return std::getenv(name) != nullptr; }

/// The runtime may have bound this thread to one processor (OMP_PROC_BIND); then that would be all
/// that it found when started again.
void unbind() {
  const std::set<int> processors = openmp_places();
  if (processors.empty()) return;
  const std::size_t count = std::size_t(*processors.rbegin()) + 1, size = CPU_ALLOC_SIZE(count);
  cpu_set_t* all = CPU_ALLOC(count);
  if (all == nullptr) return;
  CPU_ZERO_S(size, all);
  for (const int processor : processors) CPU_SET_S(std::size_t(processor), size, all);
  sched_setaffinity(0, size, all);
  CPU_FREE(all);
}

}  // namespace

void choose_openmp_settings() {
  bool changed = false;
  for (const char* stack : {"OMP_STACKSIZE", "GOMP_STACKSIZE", "KMP_STACKSIZE"}) {
    if (!is_set(stack)) continue;
    changed |= unsetenv(stack) == 0;
  }
  if (!is_set("GOMP_SPINCOUNT") && !is_set("OMP_WAIT_POLICY"))
    changed |= setenv("GOMP_SPINCOUNT", "1000", 1) == 0;
  if (!changed) return;
  unbind();
  // By its own path, not as /proc/self/exe, since a process is called what it was started as.
  char path[PATH_MAX + 1] = {};
  if (readlink("/proc/self/exe", path, PATH_MAX) <= 0) return;
  // With its own words, all of them: a main function may have passed on a part.
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string words{std::istreambuf_iterator<char>(file), {}};
  std::vector<char*> argv;
  for (std::size_t at = 0; at < words.size(); at = words.find('\0', at) + 1)
    argv.push_back(words.data() + at);
  if (argv.empty()) return;
  argv.push_back(nullptr);
  execv(path, argv.data());  // returns only if it fails; then the runtime's own settings do
}

}  // namespace kernels
