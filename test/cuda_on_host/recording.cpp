// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/recording.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/scheduler.h"

namespace cuda_on_host {
namespace {

using checker::Access;

constexpr std::size_t sector = 32;

struct Counts {
  std::uint32_t reads = 0, writes = 0;
};

struct AllocationCounts {
  std::uint64_t bytes_read = 0, bytes_written = 0;
  std::vector<Counts> of_byte;
};

// Lanes of a warp that pass the same place in the code for the same time make one request.
struct RequestKey {
  const void* code;
  unsigned warp, time;
  bool store;
  auto operator<=>(const RequestKey&) const = default;
};

using Pieces = std::vector<std::pair<std::uintptr_t, std::size_t>>;  // addresses, bytes

struct Counters {
  std::map<const char*, AllocationCounts> allocations;
  std::map<RequestKey, Pieces> requests;                          // of the block that runs
  std::vector<std::unordered_map<const void*, unsigned>> passes;  // by thread: of each place
  Recording::Requests loads, stores;
};

std::unique_ptr<Counters> counters;

void count_request(Recording::Requests& total, Pieces& pieces) {
  std::sort(pieces.begin(), pieces.end());
  std::size_t distinct = 0;
  std::uintptr_t covered = 0, sectors_covered = 0;  // everything before is counted
  for (const auto& [at, bytes] : pieces) {
    total.bytes += bytes;
    const std::uintptr_t end = at + bytes;
    if (end > covered) distinct += end - std::max(at, covered);
    covered = std::max(covered, end);
    const std::uintptr_t first = std::max(at / sector, sectors_covered);
    const std::uintptr_t last = (end - 1) / sector + 1;
    if (last > first) total.sectors += last - first;
    sectors_covered = std::max(sectors_covered, last);
  }
  ++total.count;
  total.least_sectors += (distinct + sector - 1) / sector;
}

}  // namespace

namespace recording {

void note(Access kind, const Allocation& allocation, const void* address, std::size_t bytes,
          const void* code) {
  if (!counters) return;
  AllocationCounts& counts = counters->allocations[allocation.begin];
  counts.of_byte.resize(allocation.bytes);
  const std::size_t offset = std::size_t(static_cast<const char*>(address) - allocation.begin);
  const bool reads = kind != Access::store, writes = kind != Access::load;
  if (reads) counts.bytes_read += bytes;
  if (writes) counts.bytes_written += bytes;
  for (std::size_t i = offset; i < offset + bytes; ++i) {
    counts.of_byte[i].reads += reads;
    counts.of_byte[i].writes += writes;
  }
  const unsigned thread = current_thread()->linear;
  if (counters->passes.size() <= thread) counters->passes.resize(thread + 1);
  const unsigned time = counters->passes[thread][code]++;
  counters->requests[{code, thread / 32, time, writes}].emplace_back(
      reinterpret_cast<std::uintptr_t>(address), bytes);
}

void end_block() {
  if (!counters) return;
  for (auto& [key, pieces] : counters->requests)
    count_request(key.store ? counters->stores : counters->loads, pieces);
  counters->requests.clear();
  counters->passes.clear();
}

}  // namespace recording

Recording::Recording() { counters = std::make_unique<Counters>(); }
Recording::~Recording() { counters.reset(); }

Recording::Traffic Recording::of(const void* address) const {
  Traffic traffic;
  const Allocation* allocation = find_allocation(address);
  if (allocation == nullptr) return traffic;
  const AllocationCounts& counts = counters->allocations[allocation->begin];
  traffic.bytes_read = counts.bytes_read;
  traffic.bytes_written = counts.bytes_written;
  for (const Counts& byte : counts.of_byte) {
    traffic.distinct_bytes_read += byte.reads > 0;
    traffic.distinct_bytes_written += byte.writes > 0;
    traffic.max_reads = std::max(traffic.max_reads, byte.reads);
    traffic.max_writes = std::max(traffic.max_writes, byte.writes);
  }
  return traffic;
}

Recording::Requests Recording::loads() const { return counters->loads; }
Recording::Requests Recording::stores() const { return counters->stores; }

}  // namespace cuda_on_host
