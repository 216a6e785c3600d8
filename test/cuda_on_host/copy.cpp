// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cuda_runtime_api.h>

#include <cstring>
#include <string>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/capture.h"
#include "test/cuda_on_host/checker.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/memory.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/stream.h"

// The runtime's copies and fills.
namespace cuda_on_host {
namespace {

// What is wrong with one end of a copy; empty if nothing.
std::string problem(const char* what, const void* at, std::size_t bytes, bool device) {
  if (on_device(at) != device)
    return fmt::format("{} is {}in device memory", what, device ? "not " : "");
  if (!device) return "";
  const Allocation* a = find_allocation(at);
  if (a == nullptr || !a->holds(at, bytes))
    return fmt::format("{} bytes of the {} begin {}", bytes, what, describe_device_address(at));
  return "";
}

void copy_now(void* to, const void* from, std::size_t bytes) {
  std::memmove(to, from, bytes);
  checker::mark_written(to, bytes);
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                 cudaStream_t stream) {
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (bytes == 0) return outcome(cudaSuccess);
  const bool infer = kind == cudaMemcpyDefault;
  const bool to_device =
      infer ? on_device(to) : kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device =
      infer ? on_device(from) : kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  std::string wrong = problem("destination", to, bytes, to_device);
  if (wrong.empty()) wrong = problem("source", from, bytes, from_device);
  if (!wrong.empty()) return bad_call(fmt::format("copy: {}", wrong));
  const bool pageable =
      (!from_device && !is_pinned(from, bytes)) || (!to_device && !is_pinned(to, bytes));
  if (pageable && is_capturing(stream)) return refuse_captured("a copy of pageable memory");
  if (!from_device || !to_device) ++statistics().host_copies;
  // A driver may take the bytes of ordinary host memory before the call returns; this one never
  // does, so that who relies on it is found.
  return outcome(enqueue(stream, [=] { copy_now(to, from, bytes); }));
}

cudaError_t fill(void* at, int value, std::size_t bytes, cudaStream_t stream) {
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (bytes == 0) return outcome(cudaSuccess);
  const std::string wrong = problem("destination", at, bytes, true);
  if (!wrong.empty()) return bad_call(fmt::format("fill: {}", wrong));
  return outcome(enqueue(stream, [=] {
    std::memset(at, value, bytes);
    checker::mark_written(at, bytes);
  }));
}

}  // namespace
}  // namespace cuda_on_host

using namespace cuda_on_host;

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const ApiCall call;
  return copy(to, from, bytes, kind, stream);
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  const ApiCall call;
  const cudaError_t status = copy(to, from, bytes, kind, nullptr);
  return status == cudaSuccess ? cudaStreamSynchronize(nullptr) : status;
}

cudaError_t cudaMemsetAsync(void* at, int value, size_t bytes, cudaStream_t stream) {
  const ApiCall call;
  return fill(at, value, bytes, stream);
}

cudaError_t cudaMemset(void* at, int value, size_t bytes) {
  const ApiCall call;
  return fill(at, value, bytes, nullptr);
}

cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* from, size_t bytes, size_t offset,
                               cudaMemcpyKind) {
  const ApiCall call;
  if (const auto refused = refuse_unsafe("cudaMemcpyToSymbol"); refused != cudaSuccess)
    return refused;
  char* to = static_cast<char*>(const_cast<void*>(symbol)) + offset;
  run_all_streams();
  std::memcpy(to, from, bytes);
  return outcome(cudaSuccess);
}
