// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/library.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/capture.h"
#include "test/cuda_on_host/checker.h"
#include "test/cuda_on_host/memory.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/stream.h"

namespace cuda_on_host {

bool usable(const char* what, const void* at, std::size_t bytes, std::size_t alignment) {
  if (!on_device(at)) {
    report(Kind::host_memory, std::string(what) + " is not in device memory");
    return false;
  }
  const Allocation* allocation = find_allocation(at);
  if (allocation == nullptr || !allocation->holds(at, bytes)) {
    report(Kind::out_of_bounds,
           std::to_string(bytes) + " bytes of " + what + " begin " + describe_device_address(at));
    return false;
  }
  if (reinterpret_cast<std::uintptr_t>(at) % alignment != 0) {
    report(Kind::misaligned,
           std::string(what) + " is not aligned to " + std::to_string(alignment) + " bytes");
    return false;
  }
  return true;
}

bool may_act(const char* what) { return refuse_unsafe(what) == cudaSuccess; }

bool enqueue_library_work(cudaStream_t stream, std::function<void()> work) {
  return !device_failed() && enqueue(stream, std::move(work)) == cudaSuccess;
}

void poison(void* at, std::size_t bytes) {
  std::memset(at, 0xFF, bytes);
  checker::forget(at, bytes);
}

void write(void* to, const void* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
  checker::mark_written(to, bytes);
}

}  // namespace cuda_on_host
