// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/runtime/device.h"

namespace engine {

using kernels::Device;

/// Keeps freed blocks of device memory by size and hands them out again, so that after the first
/// step training asks the system for nothing. Sizes are rounded up (to a quarter of a power of
/// two), so that blocks of like size serve each other. One stream per process makes immediate reuse
/// safe.
class Pool {
 public:
  struct Stats {
    std::size_t in_use = 0;        // bytes held by live tensors, after rounding
    std::size_t peak = 0;          // the largest in_use so far
    std::size_t reserved = 0;      // bytes held from the system, in use or free
    std::size_t system_calls = 0;  // allocations that had to go to the system
    std::size_t requests = 0;      // allocations in all
  };

  /// Remembers which blocks are handed out from its making to complete(). Work that was recorded
  /// meanwhile may be repeated as long as all of them have come back; they stay the pool's, which
  /// may lend them to others.
  class Claim {
   public:
    explicit Claim(Pool&);
    ~Claim();
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

    void complete();
    bool lent() const;  // whether others have some now, that is since complete()

   private:
    friend class Pool;
    Pool& pool_;
    bool complete_ = false;
    std::unordered_map<void*, bool> blocks_;  // and whether they are lent
    std::size_t lent_ = 0;
  };

  explicit Pool(Device device) : device_(device) {}
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// At least `bytes` bytes, 64-byte aligned. In builds without NDEBUG they are filled with NaN.
  void* allocate(std::size_t bytes);
  void release(void* at, std::size_t bytes) noexcept;  // `bytes` as given to allocate
  void trim() noexcept;                                // gives the free blocks back to the system
  void poison() const;                                 // fills them with NaN, for tests
  Stats stats() const;

 private:
  Device device_;
  mutable std::mutex mutex_;
  std::map<std::size_t, std::vector<void*>> free_;  // by rounded size
  std::vector<Claim*> claims_;
  Stats stats_;
};

Pool& pool(Device);

}  // namespace engine
