// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/fiber.h"
#include "test/cuda_on_host/include/cuda_on_host/builtins.h"
#include "test/cuda_on_host/include/cuda_on_host/launch.h"

/// Runs kernels: one block after the other, each thread a fiber. A thread runs until it comes to a
/// barrier or a warp operation; then the next one does.
namespace cuda_on_host {

enum class State : std::uint8_t { ready, at_barrier, in_warp_operation, finished };

struct Thread {
  Thread(unsigned number, void (*body)()) : linear(number), fiber(body) {}

  const unsigned linear;  // threadIdx, flattened
  Fiber fiber;
  uint3 index{};
  State state = State::finished;
  Place place{};             // where it waits
  std::uint64_t result = 0;  // of the barrier or operation it waits for

  // The warp operation it waits for.
  WarpOperation operation{};
  unsigned mask = 0;
  std::uint64_t value = 0;
  int argument = 0, width = 32;

  unsigned lane() const { return linear % 32; }
};

struct Warp {
  unsigned present = 0;  // lanes that exist
  unsigned finished = 0;
  unsigned arrived = 0;     // lanes that wait in a warp operation
  std::uint16_t epoch = 0;  // how often __syncwarp has ordered its lanes since the last barrier
};

/// The block that runs.
struct Block {
  const Launch* launch = nullptr;
  std::uint32_t serial = 0;        // no two blocks of a process have the same
  std::uint32_t first_serial = 1;  // of this launch
  unsigned threads = 0, waiting = 0, finished = 0;
  std::uint16_t epoch = 0;  // how often a barrier has ordered its threads
  std::vector<Warp> warps;
  char* shared = nullptr;  // dynamic
  std::size_t shared_bytes = 0;
  cudaError_t failure = cudaSuccess;
};
extern Block block;

/// The thread that runs; null in host code.
Thread* current_thread();
Thread& thread_of_block(unsigned linear);

/// "block (1,0,0) thread (33,0,0)"; the block of this launch with that serial number.
std::string describe(const Thread&);
std::string describe_block(std::uint32_t serial);

/// Runs all blocks. What the kernel did wrong is reported; a failure stops it and is returned.
cudaError_t run_kernel(const Launch&);

/// Called from a kernel's thread: gives the processor to the others until the state is ready again.
void wait(State, Place);

/// Called from a kernel's thread, after the report of why: ends the kernel. Nothing on the thread's
/// stack is destroyed, so nothing there may own memory.
[[noreturn]] void stop_kernel(cudaError_t failure = cudaErrorLaunchFailure);

}  // namespace cuda_on_host
