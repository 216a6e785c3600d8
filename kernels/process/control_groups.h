// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <optional>

/// What control groups (version 1 or 2) leave to this process: the least of its own group's and of
/// the groups around that, or none if there is no limit. Read are `proc`/cgroup and
/// `proc`/mountinfo, and the groups' files as they are seen below `root`.
namespace kernels {

/// Time, in processors.
std::optional<double> cgroup_quota(const std::filesystem::path& proc = "/proc/self",
                                   const std::filesystem::path& root = "/");

/// Memory that it may still take, in bytes; what the system may drop of files that were read counts
/// as free.
std::optional<double> cgroup_memory(const std::filesystem::path& proc = "/proc/self",
                                    const std::filesystem::path& root = "/");

}  // namespace kernels
