// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <string>

/// Device memory: address space of its own, in which each allocation ends at a page that nobody may
/// touch, no address is used twice, and host code may touch nothing at all.
namespace cuda_on_host {

struct Allocation {
  char* begin;
  std::size_t bytes;

  char* end() const { return begin + bytes; }
  bool holds(const void* address, std::size_t size) const {
    const char* at = static_cast<const char*>(address);
    return at >= begin && at + size <= end();
  }
};

/// The address space, allocated or not.
inline constexpr std::size_t device_space = std::size_t{64} << 30;
char* device_space_begin();
inline bool on_device(const void* address) {
  return address >= device_space_begin() && address < device_space_begin() + device_space;
}

/// The allocation that holds the address; null if there is none.
const Allocation* find_allocation(const void* address);

/// Whether cudaMallocHost made this memory of the host.
bool is_pinned(const void* address, std::size_t bytes);

/// "68 bytes behind an allocation of 1024 bytes"
std::string describe_device_address(const void* address);

/// Changes whenever an allocation is made or freed; for those who keep one.
unsigned allocations_version();

/// Who works for the device, a kernel or a copy, holds one of these, and may touch its memory. All
/// of it stays locked; what is touched is unlocked when it faults, and locked again in the end.
class DeviceAccess {
 public:
  DeviceAccess();
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
};

/// After a fault at the address: true if it was only locked to a DeviceAccess, and is no more.
bool unlock(const void* address);

}  // namespace cuda_on_host
