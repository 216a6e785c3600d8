// SPDX-License-Identifier: MIT
#include "kernels/cuda/workspace.h"

#include "kernels/runtime/scratchpad.h"

namespace kernels {

void* workspace(std::size_t bytes) {
  static auto* const shared = new Scratchpad(Device::cuda);  // stays, like the context
  return shared->at_least(bytes);
}

}  // namespace kernels
