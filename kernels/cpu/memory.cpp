// SPDX-License-Identifier: MIT
#include "kernels/runtime/memory.h"

#include <omp.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "kernels/process/control_groups.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/large_data.h"

namespace kernels {
namespace {

constexpr std::size_t cache_line = 64, huge_page = std::size_t{2} << 20;

class PlainBuffer : public HostBuffer {
 public:
  explicit PlainBuffer(std::size_t bytes) {
    data_ = static_cast<std::uint8_t*>(raw_alloc(Cpu{}, bytes));
  }
  ~PlainBuffer() override { raw_free(Cpu{}, data_); }
  void send(void* to, std::size_t bytes) override { copy(Cpu{}, to, data_, bytes); }
  void fetch(const void* from, std::size_t bytes) override { copy(Cpu{}, data_, from, bytes); }
  void wait() override {}
};

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

double free_memory(Cpu) {
  double free = HUGE_VAL, kilobytes = 0;
  std::ifstream info("/proc/meminfo");
  for (std::string line; std::getline(info, line);)
    if (std::sscanf(line.c_str(), "MemAvailable: %lf kB", &kilobytes) == 1) free = 1024 * kilobytes;
  return std::min(free, cgroup_memory().value_or(HUGE_VAL));
}

void copy(Cpu, void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }

std::unique_ptr<HostBuffer> make_host_buffer(Cpu, std::size_t bytes) {
  return std::make_unique<PlainBuffer>(bytes);
}

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
