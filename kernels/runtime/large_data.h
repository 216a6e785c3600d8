// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/runtime/device.h"

/// What it takes to train on data that a device's memory may not hold.
namespace kernels {

/// Bytes of memory that are free, or as good as free: what this process may still take of the
/// machine's, or what is left of the GPU's.
double free_memory(Device);

/// Memory of the host from which a device takes bytes while the host goes on.
class Upload {
 public:
  virtual ~Upload() = default;

  std::uint8_t* data() const { return data_; }
  /// Queues a copy of the first `bytes`, which stay as they are until wait() has returned.
  virtual void send(void* to, std::size_t bytes) = 0;
  /// Waits until what was sent has arrived.
  virtual void wait() = 0;

 protected:
  std::uint8_t* data_ = nullptr;
};

/// `bytes` of it for a device. Throws OutOfMemory, or Error if the device cannot be used.
std::unique_ptr<Upload> make_upload(Device, std::size_t bytes);

/// What each device brings to the functions above.
double free_memory(Cpu);
std::unique_ptr<Upload> make_upload(Cpu, std::size_t bytes);
double free_memory(Cuda);
std::unique_ptr<Upload> make_upload(Cuda, std::size_t bytes);

}  // namespace kernels
