// SPDX-License-Identifier: MIT
#include "kernels/runtime/memory.h"

#include <omp.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "kernels/runtime/error.h"

namespace kernels {
namespace {

constexpr std::size_t cache_line = 64, huge_page = std::size_t{2} << 20;

}  // namespace

std::string why_unavailable(Cpu) { return ""; }

void* raw_alloc(Cpu, std::size_t bytes) {
  const std::size_t alignment = bytes >= huge_page ? huge_page : cache_line;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* at = std::aligned_alloc(alignment, rounded > 0 ? rounded : alignment);
  if (at == nullptr)
    throw OutOfMemory(
        fmt::format("out of memory: {} MiB were asked for; a smaller batch or network needs less",
                    bytes >> 20));
  // Large blocks on huge pages: far fewer page faults and TLB misses. A refusal does no harm.
  if (alignment == huge_page) madvise(at, rounded, MADV_HUGEPAGE);
  return at;
}

void raw_free(Cpu, void* at) noexcept { std::free(at); }

void copy(Cpu, void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }

void fill_bytes(Cpu, void* at, int value, std::size_t bytes) { std::memset(at, value, bytes); }

void synchronize(Cpu) {}

void set_threads(int count) {
  require(count >= 1, "threads: {} is not a number of threads", count);
  // The environment may have said that parallel regions have fewer threads, or none.
  omp_set_dynamic(0);
  omp_set_max_active_levels(1);
  omp_set_num_threads(count);
  if (count == 1) return;
  // oneDNN waits for as many threads as were set, for ever if OpenMP has fewer (OMP_THREAD_LIMIT).
  int came = 1;
#pragma omp parallel
#pragma omp single
  came = omp_get_num_threads();
  omp_set_num_threads(came);
}

int threads() { return omp_get_max_threads(); }

}  // namespace kernels
