// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime.h>

#include <cstddef>
#include <source_location>
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

/// Allows the kernel as much shared memory as `grid` wants, and describes the launch to CUDA.
cudaLaunchConfig_t prepare_launch(const void* kernel, const Grid& grid);

/// Throws Error that names the kernel and says why it cannot run, if `status` is not success.
void finish_launch(cudaError_t status, const void* kernel, const Grid& grid);

/// The only way a kernel is started: in the process's stream, with arguments that convert to the
/// kernel's own parameter types. An empty grid is no launch. An impossible one throws Error.
template <class... Params, class... Args>
void launch(void (*kernel)(Params...), const Grid& grid, Args&&... args) {
  if (grid.blocks == 0) return;
  const void* address = reinterpret_cast<const void*>(kernel);
  const cudaLaunchConfig_t config = prepare_launch(address, grid);
  finish_launch(cudaLaunchKernelEx(&config, kernel, std::forward<Args>(args)...), address, grid);
}

}  // namespace kernels
