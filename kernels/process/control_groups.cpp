// SPDX-License-Identifier: MIT
#include "kernels/process/control_groups.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace kernels {

namespace fs = std::filesystem;

namespace {

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

/// The mounts of version 2, or of a controller of version 1.
std::vector<Mount> cgroup_mounts(const fs::path& mountinfo, bool version_2,
                                 const std::string& controller) {
  std::vector<Mount> mounts;
  std::ifstream file(mountinfo);
  for (std::string line; std::getline(file, line);) {
    // 36 25 0:30 /group /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
    const std::size_t dash = line.find(" - ");
    if (dash == line.npos) continue;
    const auto place = split(line.substr(0, dash), ' '), what = split(line.substr(dash + 3), ' ');
    if (place.size() < 5 || what.size() < 3) continue;
    const auto options = split(what[2], ',');
    const bool controls = std::find(options.begin(), options.end(), controller) != options.end();
    if (version_2 ? what[0] == "cgroup2" : what[0] == "cgroup" && controls)
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

/// The least that `limit_of` says of this process's groups, and of the groups around them; it is
/// called with a group's directory and whether that is of version 2.
template <class LimitOf>
std::optional<double> least_limit(const fs::path& proc, const fs::path& root,
                                  const std::string& controller, LimitOf limit_of) {
  std::optional<double> least;
  std::ifstream file(proc / "cgroup");
  for (std::string line; std::getline(file, line);) {
    // 0::/group in version 2, 4:cpu,cpuacct:/group in version 1
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == line.npos) continue;
    const auto controllers = split(line.substr(first + 1, second - first - 1), ',');
    const bool version_2 = controllers.empty();
    if (!version_2 &&
        std::find(controllers.begin(), controllers.end(), controller) == controllers.end())
      continue;
    const fs::path group = line.substr(second + 1);
    for (const Mount& mount : cgroup_mounts(proc / "mountinfo", version_2, controller)) {
      // A container may see its own group alone, or one above that it is not told of.
      fs::path inside = group.lexically_relative(mount.group);
      if (inside.empty() || *inside.begin() == "..") inside = ".";
      const fs::path top = root / mount.at.relative_path();
      take_least(least, limit_of(top, version_2));
      fs::path at = top;
      for (const fs::path& name : inside) take_least(least, limit_of(at /= name, version_2));
    }
  }
  return least;
}

/// What a group may still take: what it uses less what the system can drop of that, as files that
/// it has read.
std::optional<double> memory_left(const fs::path& group, bool version_2) {
  std::ifstream of_limit(group / (version_2 ? "memory.max" : "memory.limit_in_bytes"));
  std::ifstream of_usage(group / (version_2 ? "memory.current" : "memory.usage_in_bytes"));
  std::optional<double> limit = number_in(of_limit), used = number_in(of_usage);
  if (!limit || !used) return std::nullopt;
  std::ifstream parts(group / "memory.stat");
  const std::string prefix = version_2 ? "" : "total_";  // with the groups inside
  double bytes = 0;
  for (std::string part; parts >> part >> bytes;)
    if (part == prefix + "inactive_file" || part == prefix + "active_file") *used -= bytes;
  return std::max(0.0, *limit - std::max(0.0, *used));
}

}  // namespace

std::optional<double> cgroup_quota(const fs::path& proc, const fs::path& root) {
  return least_limit(proc, root, "cpu", quota_of);
}

std::optional<double> cgroup_memory(const fs::path& proc, const fs::path& root) {
  return least_limit(proc, root, "memory", memory_left);
}

}  // namespace kernels
