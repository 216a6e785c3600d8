// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>

#include "kernels/runtime/device.h"

/// The few things an engine needs from a device besides its operations.
namespace kernels {

/// Empty where the device can be used; else the reason and, where there is one, the fix.
std::string why_unavailable(Device);

/// The GPU that Device::cuda means, counted from 0, the default. Throws Error if there is no such
/// GPU, or if another one is in use already.
void select_gpu(int index);
/// GPUs that there are; 0 without a driver, or in a build without CUDA.
int gpu_count();

struct Gpu {
  int index;
  std::string name;    // "NVIDIA H100 80GB HBM3"
  std::size_t memory;  // bytes, in use or free
  bool is_host;        // kernels run on this machine's processor, in a build for tests
};
/// The GPU that Device::cuda means, from now on for good. Throws Error with the reason if it cannot
/// be used.
Gpu gpu();

/// At least 64-byte aligned memory straight from the system or the driver, for the engine's pool
/// and for work space of kernels. Where it does not suffice it is tried again, once what nobody
/// uses has been given back. Throws OutOfMemory with the size that was asked for.
void* raw_alloc(Device, std::size_t bytes);
void raw_free(Device, void*) noexcept;
/// How often raw_free has been called: where it is as before, what was allocated is still there.
std::uint64_t times_freed(Device);

/// What gives memory back that is kept but not used: the engine's pool. Called by raw_alloc.
void set_give_back(void (*)(Device) noexcept);

/// Copies between any two places. Stream order holds for both ends on a device; on return, bytes
/// that go to the host have arrived, and bytes that come from the host may be overwritten.
void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes);

/// Sets `bytes` bytes to `value`.
void fill_bytes(Device, void* at, int value, std::size_t bytes);

/// Waits until everything queued on the device is done. Throws Error if any of it failed.
void synchronize(Device);

/// Threads that cpu kernels use; results repeat bit for bit for the same number. It is what really
/// comes: threads() may be less than what was set, if OpenMP gives no more.
void set_threads(int count);
int threads();

/// What each device brings to the functions above.
std::string why_unavailable(Cpu);
void* raw_alloc(Cpu, std::size_t bytes);
void raw_free(Cpu, void*) noexcept;
void copy(Cpu, void* to, const void* from, std::size_t bytes);
void fill_bytes(Cpu, void* at, int value, std::size_t bytes);
void synchronize(Cpu);

std::string why_unavailable(Cuda);
void select_gpu(Cuda, int index);
int gpu_count(Cuda);
Gpu gpu(Cuda);
void* raw_alloc(Cuda, std::size_t bytes);
void raw_free(Cuda, void*) noexcept;
void copy(Cuda, void* to, Device to_device, const void* from, Device from_device,
          std::size_t bytes);
void fill_bytes(Cuda, void* at, int value, std::size_t bytes);
void synchronize(Cuda);

}  // namespace kernels
