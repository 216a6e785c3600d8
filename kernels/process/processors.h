// SPDX-License-Identifier: MIT
#pragma once
#include <set>
#include <string>

/// How many threads a process may compute with, which is often fewer than its machine has
/// processors: batch systems, containers and users set limits.
namespace kernels {

struct ThreadLimit {
  int threads;         // at least 1
  std::string reason;  // what says so: "all processors", "OMP_THREAD_LIMIT", ...
};

/// The lowest of: the processors that this process may run on (its affinity, OMP_PLACES), the quota
/// of its control groups, OMP_THREAD_LIMIT. Starts no threads.
ThreadLimit most_threads();

/// The same, or OMP_NUM_THREADS where that is lower: how many to take if nobody says. A value that
/// is no number counts as OpenMP takes it.
ThreadLimit usual_threads();

/// Processors that OMP_PLACES, OMP_PROC_BIND or GOMP_CPU_AFFINITY name; empty if none is set.
std::set<int> openmp_places();

}  // namespace kernels
