// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <numeric>
#include <random>

#include "test/cuda_on_host/checker.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/sanitizer.h"

namespace cuda_on_host {

// What kernels see as constants; see builtins.h.
#define CUDA_ON_HOST_INDEX(name) __asm__(name) __attribute__((section("cuda_index")))
uint3 thread_index CUDA_ON_HOST_INDEX("threadIdx");
uint3 block_index CUDA_ON_HOST_INDEX("blockIdx");
dim3 block_extent CUDA_ON_HOST_INDEX("blockDim");
dim3 grid_extent CUDA_ON_HOST_INDEX("gridDim");
#undef CUDA_ON_HOST_INDEX

Block block;

namespace {

std::deque<Thread> threads;              // never move: a fiber's stack may point to its own
thread_local Thread* running = nullptr;  // null for threads of the host
std::vector<std::uint32_t> block_order;

void run_thread() { block.launch->call(block.launch->arguments.get()); }

uint3 unflatten(std::uint64_t i, dim3 extent) {
  return {unsigned(i % extent.x), unsigned(i / extent.x % extent.y),
          unsigned(i / extent.x / extent.y)};
}

std::string describe_index(uint3 i) { return fmt::format("({},{},{})", i.x, i.y, i.z); }

void prepare_threads(const cudaLaunchConfig_t& config) {
  block_extent = config.blockDim;
  grid_extent = config.gridDim;
  block.threads = config.blockDim.x * config.blockDim.y * config.blockDim.z;
  while (threads.size() < block.threads) threads.emplace_back(unsigned(threads.size()), run_thread);
  for (unsigned i = 0; i < block.threads; ++i) threads[i].index = unflatten(i, config.blockDim);
  block.warps.resize((block.threads + 31) / 32);
}

// Dynamic shared memory with room behind it, so that what follows is nobody's.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes) {
    block.shared_bytes = bytes;
    block.shared = static_cast<char*>(std::aligned_alloc(guard, whole()));
    sanitizer::poison(block.shared + bytes, whole() - bytes);
  }
  ~SharedMemory() {
    sanitizer::unpoison(block.shared, whole());
    std::free(block.shared);
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

 private:
  static constexpr std::size_t guard = 256;
  static std::size_t whole() { return (block.shared_bytes + guard) / guard * guard + guard; }
};

void report_deadlock() {
  std::map<std::string, int> groups;
  for (unsigned i = 0; i < block.threads; ++i) {
    const Thread& t = threads[i];
    ++groups[t.state == State::at_barrier ? fmt::format("wait at the barrier {}", describe(t.place))
             : t.state == State::in_warp_operation
                 ? fmt::format("wait in the warp operation {}", describe(t.place))
                 : "have finished"];
  }
  std::string text;
  for (const auto& [what, count] : groups)
    text += fmt::format("{}{} threads {}", text.empty() ? "" : "; ", count, what);
  report(Kind::deadlock, fmt::format("block {}: {}", describe_index(block_index), text));
  block.failure = cudaErrorLaunchTimeout;
}

void start_block(std::uint64_t number) {
  block_index = unflatten(number, grid_extent);
  ++block.serial;
  block.waiting = block.finished = 0;
  block.epoch = 0;
  for (unsigned i = 0; i < block.threads; ++i) threads[i].state = State::ready;
  for (unsigned w = 0; w < block.warps.size(); ++w) {
    const unsigned lanes = std::min(32u, block.threads - 32 * w);
    block.warps[w] = {};
    block.warps[w].present = lanes == 32 ? ~0u : (1u << lanes) - 1;
  }
  std::memset(block.shared, 0xFF, block.shared_bytes);  // NaN, if anybody reads it
}

void finish_thread(Thread& thread) {
  thread.state = State::finished;
  ++block.finished;
  block.warps[thread.linear / 32].finished |= 1u << thread.lane();
}

void run_block(std::mt19937_64& random) {
  std::vector<unsigned> order(block.threads);
  std::iota(order.begin(), order.end(), 0u);
  if (options().order == Order::reverse) std::reverse(order.begin(), order.end());
  while (block.finished < block.threads) {
    if (options().order == Order::random) std::shuffle(order.begin(), order.end(), random);
    bool progress = false;
    for (const unsigned i : order) {
      Thread& thread = threads[i];
      if (thread.state != State::ready) continue;
      progress = true;
      running = &thread;
      thread_index = thread.index;
      const bool returned = thread.fiber.resume();
      running = nullptr;
      if (block.failure != cudaSuccess) return;
      if (returned) finish_thread(thread);
    }
    if (!progress) return report_deadlock();
  }
  statistics().threads += block.threads;
}

}  // namespace

Thread* current_thread() { return running; }
Thread& thread_of_block(unsigned linear) { return threads[linear]; }

void* dynamic_shared() { return block.shared; }

std::string describe(const Thread& thread) {
  return fmt::format("block {} thread {}", describe_index(block_index),
                     describe_index(thread.index));
}

std::string describe_block(std::uint32_t serial) {
  const uint3 index = unflatten(block_order[serial - block.first_serial], grid_extent);
  return fmt::format("block {}", describe_index(index));
}

void wait(State state, Place place) {
  running->state = state;
  running->place = place;
  ++statistics().switches;
  Fiber::suspend();
}

void stop_kernel(cudaError_t failure) {
  block.failure = failure;
  Fiber::abandon();
}

cudaError_t run_kernel(const Launch& launch) {
  prepare_threads(launch.config);
  const SharedMemory shared(launch.config.dynamicSmemBytes);
  block.launch = &launch;
  block.failure = cudaSuccess;
  block.first_serial = block.serial + 1;
  block_order.resize(std::size_t{grid_extent.x} * grid_extent.y * grid_extent.z);
  std::iota(block_order.begin(), block_order.end(), 0u);
  std::mt19937_64 random(options().seed);
  if (options().shuffle_blocks) std::shuffle(block_order.begin(), block_order.end(), random);
  ++statistics().launches;
  for (const std::uint32_t number : block_order) {
    start_block(number);
    run_block(random);
    checker::end_block();
    if (block.failure != cudaSuccess) break;
  }
  if (block.failure != cudaSuccess)
    for (Thread& thread : threads)
      thread.fiber.restart();  // wherever they wait, they are not resumed
  block.launch = nullptr;
  return block.failure;
}

}  // namespace cuda_on_host
