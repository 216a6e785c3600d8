// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/recording.h"

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/memory.h"
#include "test/cuda_on_host/scheduler.h"

namespace cuda_on_host {
namespace {

using checker::Access;

constexpr std::size_t sector = 32;

struct Counts {
  std::uint32_t reads = 0, writes = 0;
};

// Lanes of a warp that pass the same place in the code for the same time make one request.
struct RequestKey {
  const void* code;
  unsigned warp, time;
  Access kind;
  auto operator<=>(const RequestKey&) const = default;
};

struct Piece {  // of a request: one lane's
  const char* begin;
  std::size_t bytes;
  auto operator<=>(const Piece&) const = default;
};

struct Counters {
  std::map<const char*, std::vector<Counts>> of_byte;             // by the allocation's begin
  std::map<RequestKey, std::vector<Piece>> requests;              // of the block that runs
  std::vector<std::unordered_map<const void*, unsigned>> passes;  // by thread: of each place
  Recording::Requests loads, stores;
};

std::unique_ptr<Counters> counters;

// Bytes that a request moves, each of them once.
void count_bytes(Access kind, const char* begin, const char* end) {
  const Allocation* allocation = find_allocation(begin);
  std::vector<Counts>& of_byte = counters->of_byte[allocation->begin];
  of_byte.resize(allocation->bytes);
  for (auto i = begin - allocation->begin; i < end - allocation->begin; ++i) {
    of_byte[std::size_t(i)].reads += kind != Access::store;
    of_byte[std::size_t(i)].writes += kind != Access::load;
  }
}

void count_request(Access kind, std::vector<Piece>& pieces) {
  std::sort(pieces.begin(), pieces.end());
  const char* covered = nullptr;  // everything before it is counted
  std::uintptr_t sectors_covered = 0;
  std::size_t distinct = 0, sectors = 0;
  for (const Piece& piece : pieces) {
    const char *begin = std::max(piece.begin, covered), *end = piece.begin + piece.bytes;
    if (end <= begin) continue;
    count_bytes(kind, begin, end);
    distinct += std::size_t(end - begin);
    covered = end;
    const auto first = std::max(reinterpret_cast<std::uintptr_t>(begin) / sector, sectors_covered);
    const auto behind = (reinterpret_cast<std::uintptr_t>(end) - 1) / sector + 1;
    if (behind > first) sectors += behind - first;
    sectors_covered = behind;
  }
  Recording::Requests& total = kind == Access::load ? counters->loads : counters->stores;
  ++total.count;
  total.bytes += distinct;
  total.sectors += sectors;
  total.least_sectors += (distinct + sector - 1) / sector;
}

}  // namespace

namespace recording {

void note(Access kind, const void* address, std::size_t bytes, const void* code) {
  if (!counters) return;
  const unsigned thread = current_thread()->linear;
  if (counters->passes.size() <= thread) counters->passes.resize(thread + 1);
  const unsigned time = counters->passes[thread][code]++;
  counters->requests[{code, thread / 32, time, kind}].push_back(
      {static_cast<const char*>(address), bytes});
}

void end_block() {
  if (!counters) return;
  for (auto& [key, pieces] : counters->requests) count_request(key.kind, pieces);
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
  for (const Counts& byte : counters->of_byte[allocation->begin]) {
    traffic.bytes_read += byte.reads;
    traffic.bytes_written += byte.writes;
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
