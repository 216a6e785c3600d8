// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/report.h"

#include <fmt/format.h>

#include <utility>

#include "test/cuda_on_host/scheduler.h"

namespace cuda_on_host {
namespace {

constexpr std::size_t max_reports = 64;  // one mistake can make thousands

std::vector<Report>& reports() {
  static std::vector<Report> all;
  return all;
}

std::string file_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

const char* name(Kind kind) {
  switch (kind) {
    case Kind::bad_call: return "bad call";
    case Kind::bad_free: return "bad free";
    case Kind::guard_overwritten: return "guard overwritten";
    case Kind::host_access: return "host access";
    case Kind::invalid_address: return "invalid address";
    case Kind::out_of_bounds: return "out of bounds";
    case Kind::misaligned: return "misaligned";
    case Kind::host_memory: return "host memory";
    case Kind::uninitialised: return "uninitialised";
    case Kind::race: return "race";
    case Kind::barrier_divergence: return "barrier divergence";
    case Kind::warp_divergence: return "warp divergence";
    case Kind::shuffle_source: return "shuffle source";
    case Kind::deadlock: return "deadlock";
  }
  return "?";
}

void report(Kind kind, const std::string& text) {
  if (reports().size() >= max_reports) return;
  reports().push_back(
      {kind, block.launch != nullptr ? kernel_name(block.launch->kernel) : "", text});
}

std::vector<Report> take_reports() { return std::exchange(reports(), {}); }

std::string describe(const Place& place) {
  return fmt::format("at {}:{}", file_name(place.file), place.line);
}

}  // namespace cuda_on_host
