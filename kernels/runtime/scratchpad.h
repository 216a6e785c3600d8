// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <memory>

#include "kernels/runtime/memory.h"

namespace kernels {

/// Work space of ops that run one after the other: one block, as large as the largest need so far.
class Scratchpad {
 public:
  explicit Scratchpad(Device device) : memory_(nullptr, Free{device}) {}

  /// Null for 0 bytes, where nothing was needed yet. Throws OutOfMemory if there is not
  /// enough memory; the block is lost then.
  void* at_least(std::size_t bytes) {
    if (bytes > size_) {
      size_ = 0;
      memory_.reset();  // first, so that both need not fit
      memory_.reset(raw_alloc(memory_.get_deleter().device, bytes));
      size_ = bytes;
    }
    return memory_.get();
  }

 private:
  struct Free {
    Device device;
    void operator()(void* at) const { raw_free(device, at); }
  };
  std::unique_ptr<void, Free> memory_;
  std::size_t size_ = 0;
};

}  // namespace kernels
