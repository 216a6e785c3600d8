// SPDX-License-Identifier: MIT
#include "kernels/runtime/memory.h"

#include <atomic>

#include "kernels/runtime/error.h"
#include "kernels/runtime/large_data.h"
#include "kernels/runtime/math_libraries.h"
#include "kernels/runtime/precision.h"
#include "kernels/runtime/run.h"

namespace kernels {
namespace {

constexpr const char* no_cuda = "this build has no CUDA; configure it with -DSOFTLABEL_CUDA=ON";

// Calls `body` with the tag of the device. Without CUDA no overload for it is even named.
template <class Body>
auto on(Device where, Body body) {
  if constexpr (has_cuda) {
    if (where == Device::cuda) return body(Cuda{});
  }
  require(where == Device::cpu, "{}", no_cuda);
  return body(Cpu{});
}

std::atomic<std::uint64_t> freed[2];  // by device

std::atomic<void (*)(Device) noexcept> give_back{[](Device) noexcept {}};

}  // namespace

std::string why_unavailable(Device where) {
  if (where == Device::cuda && !has_cuda) return no_cuda;
  return on(where, [](auto device) { return why_unavailable(device); });
}

std::string why_unavailable(Device where, Precision precision) {
  return on(where, [=](auto device) { return why_unavailable(device, precision); });
}

std::string math_libraries(Device where, Precision precision) {
  return on(where, [=](auto device) { return math_libraries(device, precision); });
}

void select_gpu(int index) {
  if constexpr (has_cuda)
    select_gpu(Cuda{}, index);
  else
    fail("{}", no_cuda);
}

int gpu_count() {
  if constexpr (has_cuda)
    return gpu_count(Cuda{});
  else
    return 0;
}

Gpu gpu() {
  if constexpr (has_cuda)
    return gpu(Cuda{});
  else
    fail("{}", no_cuda);
}

void* raw_alloc(Device where, std::size_t bytes) {
  return on(where, [=](auto device) {
    try {
      return raw_alloc(device, bytes);
    } catch (const OutOfMemory&) {
      give_back.load()(where);
      return raw_alloc(device, bytes);
    }
  });
}

double free_memory(Device where) {
  return on(where, [](auto device) { return free_memory(device); });
}

void set_give_back(void (*by)(Device) noexcept) { give_back = by; }

void raw_free(Device where, void* at) noexcept {
  ++freed[std::size_t(where)];
  on(where, [=](auto device) { raw_free(device, at); });
}

std::uint64_t times_freed(Device where) { return freed[std::size_t(where)]; }

void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes) {
  if (bytes == 0) return;
  if constexpr (has_cuda) {
    if (to_device == Device::cuda || from_device == Device::cuda)
      return copy(Cuda{}, to, to_device, from, from_device, bytes);
  }
  copy(Cpu{}, to, from, bytes);
}

std::unique_ptr<HostBuffer> make_host_buffer(Device where, std::size_t bytes) {
  return on(where, [=](auto device) { return make_host_buffer(device, bytes); });
}

void fill_bytes(Device where, void* at, int value, std::size_t bytes) {
  if (bytes == 0) return;
  on(where, [=](auto device) { fill_bytes(device, at, value, bytes); });
}

void synchronize(Device where) {
  on(where, [](auto device) { synchronize(device); });
}

}  // namespace kernels
