// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/memory.h"

#include <fmt/format.h>

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <span>
#include <vector>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/capture.h"
#include "test/cuda_on_host/checker.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/sanitizer.h"
#include "test/cuda_on_host/stream.h"

namespace cuda_on_host {
namespace {

constexpr std::size_t page = 4096, alignment = 256;             // cudaMalloc's
constexpr unsigned char guard_byte = 0xDB, poison_byte = 0xFF;  // the latter makes NaN

std::map<const char*, Allocation> device_allocations, pinned_allocations;  // by their begin
std::size_t used_space = page, used_bytes = 0, pinned_bytes = 0;
unsigned version = 0;
thread_local int accesses = 0;  // DeviceAccess objects that live

// What they have touched, and a little around it: to unlock 64 MiB takes a millisecond.
constexpr std::size_t piece_bytes = 64 * page;
std::vector<std::span<char>> unlocked;

const Allocation* find(const std::map<const char*, Allocation>& all, const void* address) {
  const auto next = all.upper_bound(static_cast<const char*>(address));
  if (next == all.begin()) return nullptr;
  const Allocation& candidate = std::prev(next)->second;
  return candidate.holds(address, 1) ? &candidate : nullptr;
}

std::size_t round_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

// The pages of an allocation. It begins so that it ends as near to the last one's end as its
// alignment allows; the rest of the pages is filled with guard bytes.
struct Pages {
  char* begin;
  std::size_t bytes;

  explicit Pages(const Allocation& a)
      : begin(a.begin - (a.begin - device_space_begin()) % page),
        bytes(round_up(std::size_t(a.end() - begin), page)) {}
  char* end() const { return begin + bytes; }
  bool holds(const void* address) const { return address >= begin && address < end(); }
};

bool guards_intact(const Allocation& a) {
  const Pages pages(a);
  const auto intact = [](char byte) { return static_cast<unsigned char>(byte) == guard_byte; };
  return std::all_of(pages.begin, a.begin, intact) && std::all_of(a.end(), pages.end(), intact);
}

Allocation make_allocation(std::size_t bytes) {
  const std::size_t span = round_up(bytes, page);
  char* const begin = device_space_begin() + used_space;
  used_space += span + page;
  const Allocation made{begin + (span - bytes) / alignment * alignment, bytes};
  mprotect(begin, span, PROT_READ | PROT_WRITE);
  std::memset(begin, guard_byte, span);
  std::memset(made.begin, poison_byte, bytes);
  sanitizer::poison(begin, span);
  sanitizer::unpoison(made.begin, bytes);
  if (options().locked) mprotect(begin, span, PROT_NONE);
  checker::forget(begin, span);
  return made;
}

void release(const Allocation& a) {
  const Pages pages(a);
  mprotect(pages.begin, pages.bytes, PROT_READ | PROT_WRITE);
  sanitizer::unpoison(pages.begin, pages.bytes);
  if (!guards_intact(a))
    report(
        Kind::guard_overwritten,
        fmt::format("bytes beside an allocation of {} bytes have been overwritten while it lived",
                    a.bytes));
  sanitizer::poison(pages.begin, pages.bytes);
  mprotect(pages.begin, pages.bytes, PROT_NONE);
  madvise(pages.begin, pages.bytes, MADV_DONTNEED);
  checker::forget(pages.begin, pages.bytes);
}

}  // namespace

char* device_space_begin() {
  static char* const begin = [] {
    void* at =
        mmap(nullptr, device_space, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) std::abort();
    return static_cast<char*>(at);
  }();
  return begin;
}

const Allocation* find_allocation(const void* address) { return find(device_allocations, address); }

std::string describe_device_address(const void* address) {
  const char* at = static_cast<const char*>(address);
  const auto next = device_allocations.upper_bound(at);
  const auto of = [](std::ptrdiff_t distance, const char* where, const Allocation& a) {
    return fmt::format("{} bytes {} an allocation of {} bytes", distance, where, a.bytes);
  };
  if (next != device_allocations.begin()) {
    const Allocation& before = std::prev(next)->second;
    if (before.holds(at, 1)) return of(at - before.begin, "into", before);
    if (at < Pages(before).end() + page) return of(at - before.end(), "behind the end of", before);
  }
  if (next != device_allocations.end() && at >= Pages(next->second).begin - page)
    return of(next->second.begin - at, "before", next->second);
  return "in device memory that is not allocated, or was freed";
}

bool is_pinned(const void* address, std::size_t bytes) {
  const Allocation* a = find(pinned_allocations, address);
  return a != nullptr && a->holds(address, bytes);
}

unsigned allocations_version() { return version; }

std::size_t allocated_bytes() { return used_bytes + pinned_bytes; }

DeviceAccess::DeviceAccess() { ++accesses; }

DeviceAccess::~DeviceAccess() {
  if (--accesses > 0) return;
  for (const auto piece : unlocked) mprotect(piece.data(), piece.size(), PROT_NONE);
  unlocked.clear();
}

bool unlock(const void* address) {
  if (accesses == 0) return false;
  const auto next = device_allocations.upper_bound(static_cast<const char*>(address));
  for (auto at : {next, next == device_allocations.begin() ? next : std::prev(next)}) {
    // An allocation may begin behind the begin of its pages.
    if (at == device_allocations.end()) continue;
    const Pages pages(at->second);
    if (!pages.holds(address)) continue;
    const std::size_t offset = std::size_t(static_cast<const char*>(address) - pages.begin);
    char* const begin = pages.begin + offset / piece_bytes * piece_bytes;
    for (const auto piece : unlocked)
      if (piece.data() == begin) return false;
    unlocked.emplace_back(begin, std::min(piece_bytes, std::size_t(pages.end() - begin)));
    mprotect(begin, unlocked.back().size(), PROT_READ | PROT_WRITE);
    return true;
  }
  return false;
}

}  // namespace cuda_on_host

// The runtime's functions about memory; their prototypes are the toolkit's.
using namespace cuda_on_host;

cudaError_t cudaMalloc(void** at, size_t bytes) {
  const ApiCall call;
  if (const auto refused = refuse_unsafe("cudaMalloc"); refused != cudaSuccess) return refused;
  *at = nullptr;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (device_failed() || bytes == 0) return outcome(cudaSuccess);
  const std::size_t space_left = device_space - used_space;
  if (bytes > options().device_memory - used_bytes || bytes + 2 * page > space_left)
    return outcome(cudaErrorMemoryAllocation);
  ++statistics().allocations;
  const Allocation made = make_allocation(bytes);
  device_allocations.emplace(made.begin, made);
  used_bytes += bytes;
  ++version;
  *at = made.begin;
  return outcome(cudaSuccess);
}

cudaError_t cudaFree(void* at) {
  const ApiCall call;
  if (const auto refused = refuse_unsafe("cudaFree"); refused != cudaSuccess) return refused;
  ++statistics().waits;
  run_all_streams();
  if (at == nullptr) return outcome(cudaSuccess);
  const auto found = device_allocations.find(static_cast<char*>(at));
  if (found == device_allocations.end()) {
    report(Kind::bad_free, fmt::format("cudaFree of an address {}", describe_device_address(at)));
    return outcome(cudaErrorInvalidValue);
  }
  used_bytes -= found->second.bytes;
  release(found->second);
  device_allocations.erase(found);
  ++version;
  return outcome(cudaSuccess);
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  const ApiCall call;
  *total = options().device_memory;
  *free = options().device_memory - used_bytes;
  return outcome(machine_status());
}

cudaError_t cudaHostAlloc(void** at, size_t bytes, unsigned) {
  const ApiCall call;
  if (const auto refused = refuse_unsafe("cudaHostAlloc"); refused != cudaSuccess) return refused;
  *at = std::aligned_alloc(page, round_up(bytes > 0 ? bytes : 1, page));
  if (*at == nullptr) return outcome(cudaErrorMemoryAllocation);
  std::memset(*at, poison_byte, bytes);
  pinned_allocations.emplace(static_cast<char*>(*at), Allocation{static_cast<char*>(*at), bytes});
  pinned_bytes += bytes;
  return outcome(machine_status());
}

cudaError_t cudaMallocHost(void** at, size_t bytes) { return cudaHostAlloc(at, bytes, 0); }

cudaError_t cudaFreeHost(void* at) {
  const ApiCall call;
  if (const auto refused = refuse_unsafe("cudaFreeHost"); refused != cudaSuccess) return refused;
  run_all_streams();
  if (at == nullptr) return outcome(cudaSuccess);
  const auto found = pinned_allocations.find(static_cast<char*>(at));
  if (found == pinned_allocations.end()) {
    report(Kind::bad_free, "cudaFreeHost of memory that cudaMallocHost did not make");
    return outcome(cudaErrorInvalidValue);
  }
  pinned_bytes -= found->second.bytes;
  pinned_allocations.erase(found);
  std::free(at);
  return outcome(cudaSuccess);
}
