// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime.h>

#include <cstddef>
#include <source_location>
#include <string>
#include <utility>

#include "kernels/cuda/context.h"

namespace kernels {

/// Blocks of `per_block` that cover `count`.
constexpr std::size_t ceil_div(std::size_t count, std::size_t per_block) {
  return (count + per_block - 1) / per_block;
}

/// Blocks and threads of a launch, dynamic shared memory of each block, and who asked for it.
struct Grid {
  std::size_t blocks;
  unsigned threads;
  std::size_t shared_bytes;
  std::source_location at;

  Grid(std::size_t blocks_wanted, unsigned threads_per_block, std::size_t shared = 0,
       const std::source_location& caller = std::source_location::current())
      : blocks(blocks_wanted), threads(threads_per_block), shared_bytes(shared), at(caller) {}
};

/// What surrounds the launch of a kernel, whatever its arguments are.
class Launch {
 public:
  /// Describes the launch to CUDA, and allows the kernel as much shared memory as `grid` wants.
  Launch(const void* kernel, const Grid& grid);

  const cudaLaunchConfig_t& config() const { return config_; }

  /// Throws Error that names the kernel and says why it cannot run, if `status` is not success.
  void finish(cudaError_t status) const;

 private:
  [[noreturn]] void fail_impossible(cudaError_t) const;

  const void* kernel_;
  const Grid& grid_;
  cudaLaunchConfig_t config_{};
  std::string name_;  // if it may be needed once the GPU tells no more
};

/// After a call of a library, which launches kernels of its own: waits for them with
/// SOFTLABEL_SYNC=1, and throws Error that names the library if one failed.
void finish_call_of(const char* library);

/// The only way a kernel is started: in the process's stream, with arguments that convert to the
/// kernel's own parameter types. An empty grid is no launch. An impossible one throws Error.
template <class... Params, class... Args>
void launch(void (*kernel)(Params...), const Grid& grid, Args&&... args) {
  if (grid.blocks == 0) return;
  const Launch launch(reinterpret_cast<const void*>(kernel), grid);
  launch.finish(cudaLaunchKernelEx(&launch.config(), kernel, std::forward<Args>(args)...));
}

}  // namespace kernels
