// SPDX-License-Identifier: MIT
#include "kernels/runtime/processors.h"

#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace kernels {

namespace fs = std::filesystem;

namespace {

/// The first value of OMP_NUM_THREADS if it is sound, else the processors. Before main, as
/// set_threads() overwrites it.
const int threads_by_environment = omp_get_max_threads();

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// mountinfo writes blanks and their like as \040.
std::string unescape(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += char(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Where a file system of control groups is mounted, and which of its groups is seen there.
struct Mount {
  fs::path group, at;
};

/// The mounts of version 2, or of version 1's controller of processor time.
std::vector<Mount> cgroup_mounts(const fs::path& mountinfo, bool version_2) {
  std::vector<Mount> mounts;
  std::ifstream file(mountinfo);
  for (std::string line; std::getline(file, line);) {
    // 36 25 0:30 /group /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
    const std::size_t dash = line.find(" - ");
    if (dash == line.npos) continue;
    const auto place = split(line.substr(0, dash), ' '), what = split(line.substr(dash + 3), ' ');
    if (place.size() < 5 || what.size() < 3) continue;
    const auto options = split(what[2], ',');
    const bool has_cpu = std::find(options.begin(), options.end(), "cpu") != options.end();
    if (version_2 ? what[0] == "cgroup2" : what[0] == "cgroup" && has_cpu)
      mounts.push_back({unescape(place[3]), unescape(place[4])});
  }
  return mounts;
}

/// The number at the beginning of a stream; none in "max".
std::optional<double> number_in(std::istream& stream) {
  double number = 0;
  if (stream >> number) return number;
  return std::nullopt;
}

std::optional<double> quota_of(const fs::path& group, bool version_2) {
  std::optional<double> quota, period;
  if (version_2) {
    std::ifstream file(group / "cpu.max");
    if ((quota = number_in(file))) period = number_in(file);
  } else {
    std::ifstream of_quota(group / "cpu.cfs_quota_us"), of_period(group / "cpu.cfs_period_us");
    quota = number_in(of_quota);
    period = number_in(of_period);
  }
  if (!quota || !period || !(*quota > 0) || !(*period > 0)) return std::nullopt;  // -1: no quota
  return *quota / *period;
}

void take_least(std::optional<double>& least, std::optional<double> other) {
  if (other && (!least || *other < *least)) least = other;
}

}  // namespace

std::optional<double> cgroup_quota(const fs::path& proc, const fs::path& root) {
  std::optional<double> least;
  std::ifstream file(proc / "cgroup");
  for (std::string line; std::getline(file, line);) {
    // 0::/group in version 2, 4:cpu,cpuacct:/group in version 1
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == line.npos) continue;
    const auto controllers = split(line.substr(first + 1, second - first - 1), ',');
    const bool version_2 = controllers.empty();
    if (!version_2 && std::find(controllers.begin(), controllers.end(), "cpu") == controllers.end())
      continue;
    const fs::path group = line.substr(second + 1);
    for (const Mount& mount : cgroup_mounts(proc / "mountinfo", version_2)) {
      // A container may see its own group alone, or one above that it is not told of.
      fs::path inside = group.lexically_relative(mount.group);
      if (inside.empty() || *inside.begin() == "..") inside = ".";
      const fs::path top = root / mount.at.relative_path();
      take_least(least, quota_of(top, version_2));
      fs::path at = top;
      for (const fs::path& name : inside) take_least(least, quota_of(at /= name, version_2));
    }
  }
  return least;
}

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
