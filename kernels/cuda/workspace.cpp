// SPDX-License-Identifier: MIT
#include "kernels/cuda/workspace.h"

#include "kernels/runtime/scratchpad.h"

namespace kernels {

void* workspace(std::size_t bytes) {
  static auto* const shared = new Scratchpad(Device::cuda);  // stays, like the context
  return shared->at_least(bytes);
}

unsigned* tickets(std::size_t count) {
  static auto* const shared = new Scratchpad(Device::cuda);
  static std::size_t zeroed = 0;
  const std::size_t bytes = count * sizeof(unsigned);
  const bool grows = bytes > zeroed;
  if (grows) zeroed = 0;  // the block is lost if there is not enough memory
  void* const at = shared->at_least(bytes);
  if (grows) fill_bytes(Device::cuda, at, 0, zeroed = bytes);
  return static_cast<unsigned*>(at);
}

}  // namespace kernels
