// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/runtime/device.h"

/// What it takes to train on data that a device's memory may not hold, and to hear of it.
namespace kernels {

/// Bytes of memory that are free, or as good as free: what this process may still take of the
/// machine's, or what is left of the GPU's.
double free_memory(Device);

/// Memory of the host from which a device takes bytes, or where it leaves some, while the host goes
/// on.
class HostBuffer {
 public:
  virtual ~HostBuffer() = default;

  std::uint8_t* data() const { return data_; }
  /// Queues a copy of the first `bytes` to the device, or of so many from it; they are not touched
  /// until wait() has returned.
  virtual void send(void* to, std::size_t bytes) = 0;
  virtual void fetch(const void* from, std::size_t bytes) = 0;
  /// Waits until what was queued has arrived.
  virtual void wait() = 0;

 protected:
  std::uint8_t* data_ = nullptr;
};

/// `bytes` of it for a device. Throws OutOfMemory, or Error if the device cannot be used.
std::unique_ptr<HostBuffer> make_host_buffer(Device, std::size_t bytes);

/// What each device brings to the functions above.
double free_memory(Cpu);
std::unique_ptr<HostBuffer> make_host_buffer(Cpu, std::size_t bytes);
double free_memory(Cuda);
std::unique_ptr<HostBuffer> make_host_buffer(Cuda, std::size_t bytes);

}  // namespace kernels
