// SPDX-License-Identifier: MIT
#include "kernels/process/processors.h"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/process/control_groups.h"

namespace kernels {

namespace {

/// The first value of OMP_NUM_THREADS if it is sound, else the processors. Before main, as
/// set_threads() overwrites it.
const int threads_by_environment = omp_get_max_threads();

}  // namespace

std::set<int> openmp_places() {
  std::set<int> processors;
  for (int place = 0; place < omp_get_num_places(); ++place) {
    std::vector<int> ids(std::size_t(omp_get_place_num_procs(place)));
    omp_get_place_proc_ids(place, ids.data());
    processors.insert(ids.begin(), ids.end());
  }
  return processors;
}

ThreadLimit most_threads() {
  // Not sched_getaffinity(): the runtime may have bound this thread to one of its processors.
  const auto places = int(openmp_places().size());
  const int processors = places > 0 ? places : std::max(1, omp_get_num_procs());
  ThreadLimit most{processors, processors < sysconf(_SC_NPROCESSORS_ONLN)
                                   ? "the processors that this process may run on"
                                   : "all processors"};
  const auto limit = [&](int threads, const char* reason) {
    if (threads >= 1 && threads < most.threads) most = {threads, reason};
  };
  if (const auto quota = cgroup_quota(); quota && *quota < most.threads)
    limit(std::max(1, int(std::ceil(*quota))), "the quota of its control group");
  limit(omp_get_thread_limit(), "OMP_THREAD_LIMIT");
  return most;
}

ThreadLimit usual_threads() {
  const ThreadLimit most = most_threads();
  if (threads_by_environment >= 1 && threads_by_environment < most.threads)
    return {threads_by_environment, "OMP_NUM_THREADS"};
  return most;
}

}  // namespace kernels
