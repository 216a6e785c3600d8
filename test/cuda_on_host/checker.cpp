// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/checker.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/include/cuda_on_host/atomics.h"
#include "test/cuda_on_host/memory.h"
#include "test/cuda_on_host/recording.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/scheduler.h"
#include "test/cuda_on_host/shadow.h"

// Of the linker: the sections of __constant__ variables, and of threadIdx and its like.
extern "C" const char __start_cuda_constant __attribute__((weak));
extern "C" const char __stop_cuda_constant __attribute__((weak));
extern "C" const char __start_cuda_index, __stop_cuda_index;

namespace cuda_on_host::checker {
namespace {

bool paused = false;

// How blocks are ordered: one that has fenced and then updates a counter publishes what it wrote;
// who updates the counter later, and fences then, may read that.
struct Publication {
  std::map<const void*, std::vector<std::uint32_t>> published;  // blocks, by counter
  std::vector<std::uint32_t> met;                               // on the counters of this block
  std::set<std::uint32_t> read_by_me;                           // once this block has fenced
  std::set<std::uint16_t> fenced;                               // threads, since
  std::uint16_t epoch = 0;                                      // this one of the block
  int all_fenced = -1, last_store = -1;                         // in which epoch
} publication;

// One access of the thread that runs, on its way through the checks.
struct Event {
  Access kind;
  const void* address;
  std::size_t bytes;
  const void* code;
  bool shared;  // else global memory

  bool writes() const { return kind != Access::load; }
  const char* verb() const {
    return kind == Access::load ? "reads" : kind == Access::store ? "writes" : "updates";
  }
  const char* space() const { return shared ? "shared memory" : "global memory"; }
};

std::uintptr_t address_of(const void* at) { return reinterpret_cast<std::uintptr_t>(at); }

Shadow& device_shadow() {
  static Shadow only(address_of(device_space_begin()), device_space);
  return only;
}

Shadow& variables_shadow() {  // __shared__ arrays are static variables
  static const Range range = program_variables();
  static Shadow only(address_of(range.begin), std::size_t(range.end - range.begin));
  return only;
}

// Dynamic shared memory is somewhere else in each launch, so it goes by its offset.
Shadow& dynamic_shadow() {
  static Shadow only(0, std::size_t{256} << 10);
  return only;
}

// A mistake in a loop is reported once for each place in the code.
void complain(Kind kind, const Event& event, const std::string& text) {
  static std::set<std::pair<Kind, const void*>> told;
  static std::uint32_t launch = 0;
  if (std::exchange(launch, block.first_serial) != block.first_serial) told.clear();
  if (!told.emplace(kind, event.code).second) return;
  report(kind,
         fmt::format("{} {}, {}", describe(*current_thread()), text, describe_code(event.code)));
}

std::string describe_access(const Event& event) {
  return fmt::format("{} {} bytes", event.verb(), event.bytes);
}

bool same_warp(unsigned a, unsigned b) { return a / 32 == b / 32; }

std::uint16_t warp_epoch(const Thread& thread) { return block.warps[thread.linear / 32].epoch; }

// Whether nothing orders the access of `stamp` with one that the running thread makes now.
bool unordered(const Stamp& stamp, bool shared) {
  if (stamp.block < block.first_serial) return false;  // never, or in an earlier launch
  if (stamp.block != block.serial)  // shared memory of another block is other memory
    return !shared && !publication.read_by_me.contains(stamp.block);
  const Thread& me = *current_thread();
  if (stamp.thread == me.linear || stamp.block_epoch != block.epoch) return false;
  return !same_warp(stamp.thread, me.linear) || stamp.warp_epoch == warp_epoch(me);
}

// The same for all who read the cell since the last barrier.
bool unordered_with_readers(const Cell& cell, bool shared) {
  if (unordered(cell.read, shared)) return true;
  if (cell.read.block < block.first_serial) return false;
  if (cell.readers == Readers::in_grid) return !shared;
  if (cell.read.block != block.serial || cell.read.block_epoch != block.epoch) return false;
  const bool others_of_warp =
      cell.readers == Readers::in_warp && cell.read.warp_epoch == warp_epoch(*current_thread());
  return cell.readers == Readers::in_block || others_of_warp;
}

void note_read(Cell& cell, const Stamp& now, bool shared) {
  const Stamp& last = cell.read;
  const bool this_launch = last.block >= block.first_serial;
  if (this_launch && last.block != now.block && !shared)
    cell.readers = Readers::in_grid;
  else if (this_launch && cell.readers == Readers::in_grid && !shared)
    ;  // they stay unordered until the launch is over
  else if (last.block != now.block || last.block_epoch != now.block_epoch)
    cell.readers = Readers::one;
  else if (!same_warp(last.thread, now.thread))
    cell.readers = Readers::in_block;
  else if (cell.readers != Readers::in_block && last.warp_epoch != now.warp_epoch)
    cell.readers = Readers::one;
  else if (cell.readers != Readers::in_block && last.thread != now.thread)
    cell.readers = Readers::in_warp;
  cell.read = now;
}

std::string describe_other(const Stamp& stamp) {
  if (stamp.block != block.serial)
    return fmt::format("thread {} of {}", stamp.thread, describe_block(stamp.block));
  return fmt::format("thread {} of its block, with no barrier between", stamp.thread);
}

void check_cell(const Event& event, Cell& cell, unsigned mask) {
  const Thread& me = *current_thread();
  const Stamp now{block.serial, std::uint16_t(me.linear), block.epoch, warp_epoch(me)};
  const bool atomics = event.kind == Access::atomic && cell.written_atomically;
  if (unordered(cell.written, event.shared) && !atomics)
    complain(Kind::race, event,
             fmt::format("{} {} written by {}", event.verb(), event.space(),
                         describe_other(cell.written)));
  else if (event.writes() && unordered_with_readers(cell, event.shared))
    complain(
        Kind::race, event,
        fmt::format("{} {} read by {}", event.verb(), event.space(), describe_other(cell.read)));
  // What another block left in shared memory is no value.
  if (event.shared && cell.written.block != block.serial) cell.initialised = 0;
  if (event.kind != Access::store && (cell.initialised & mask) != mask)
    complain(Kind::uninitialised, event,
             fmt::format("{} {} that nobody wrote", event.verb(), event.space()));
  if (event.kind == Access::load) {
    note_read(cell, now, event.shared);
    return;
  }
  cell.written = now;
  cell.written_atomically = event.kind == Access::atomic;
  cell.initialised |= std::uint8_t(mask);
}

// What an access to global memory means for other blocks.
void publish(const Event& event) {
  if (event.kind == Access::store) {
    publication.last_store = block.epoch;
    if (publication.fenced.erase(std::uint16_t(current_thread()->linear)) > 0)
      publication.all_fenced = -1;
  }
  if (event.kind != Access::atomic) return;
  auto& blocks = publication.published[event.address];
  if (!blocks.empty() && blocks.front() < block.first_serial) blocks.clear();  // an earlier launch
  publication.met.insert(publication.met.end(), blocks.begin(), blocks.end());
  const int fenced = publication.all_fenced;
  if (fenced >= publication.last_store && fenced >= 0 && fenced < block.epoch)
    blocks.push_back(block.serial);
}

void check_global(const Event& event, bool natural) {
  static Allocation last{};
  static unsigned last_version = ~0u;
  if (last_version != allocations_version() || !last.holds(event.address, event.bytes)) {
    const Allocation* found = find_allocation(event.address);
    if (found == nullptr || !found->holds(event.address, event.bytes)) {
      complain(
          Kind::out_of_bounds, event,
          fmt::format("{} {}", describe_access(event), describe_device_address(event.address)));
      stop_kernel(cudaErrorIllegalAddress);
    }
    last = *found;
    last_version = allocations_version();
  }
  if (natural && address_of(event.address) % event.bytes != 0) {
    complain(Kind::misaligned, event,
             fmt::format("{} at an address that is no multiple of that", describe_access(event)));
    stop_kernel(cudaErrorMisalignedAddress);
  }
  publish(event);
  recording::note(event.kind, event.address, event.bytes, event.code);
  device_shadow().visit(address_of(event.address), event.bytes,
                        [&](Cell& cell, unsigned mask) { check_cell(event, cell, mask); });
}

void check_dynamic(const Event& event) {
  const std::size_t offset = std::size_t(static_cast<const char*>(event.address) - block.shared);
  if (offset + event.bytes > block.shared_bytes) {
    complain(Kind::out_of_bounds, event,
             fmt::format("{} behind the block's {} bytes of dynamic shared memory",
                         describe_access(event), block.shared_bytes));
    stop_kernel(cudaErrorIllegalAddress);
  }
  dynamic_shadow().visit(offset, event.bytes,
                         [&](Cell& cell, unsigned mask) { check_cell(event, cell, mask); });
}

// Memory a thread has for itself: its stack, its indices, and the arguments of the kernel.
bool is_private(const void* address) {
  const char* at = static_cast<const char*>(address);
  const char* arguments = static_cast<const char*>(block.launch->arguments.get());
  return current_thread()->fiber.on_stack(at) ||
         (at >= &__start_cuda_index && at < &__stop_cuda_index) ||
         (at >= arguments && at < arguments + block.launch->arguments_bytes);
}

bool is_constant(const void* address) {
  return address >= &__start_cuda_constant && address < &__stop_cuda_constant;
}

void check_other(const Event& event) {
  if (is_private(event.address)) return;
  const Range variables = program_variables();
  if (is_constant(event.address)) {
    if (!event.writes()) return;
    complain(Kind::host_memory, event,
             fmt::format("{} of a __constant__ variable", describe_access(event)));
  } else if (variables.holds(event.address) && in_block_variable(event.address, event.bytes)) {
    variables_shadow().visit(address_of(event.address), event.bytes,
                             [&](Cell& cell, unsigned mask) { check_cell(event, cell, mask); });
  } else if (event.writes() || event.address >= variables.begin) {
    // What lies before the variables are the program's own constants, which may be read.
    complain(Kind::host_memory, event, fmt::format("{} of host memory", describe_access(event)));
  }
}

}  // namespace

void access(Access kind, const void* address, std::size_t bytes, bool natural, const void* code) {
  if (paused || current_thread() == nullptr) return;  // no code of a kernel
  const Pause pause;
  Event event{kind, address, bytes, code, false};
  if (on_device(address)) return check_global(event, natural);
  event.shared = true;
  const char* at = static_cast<const char*>(address);
  constexpr std::size_t margin = 256;  // of SharedMemory in scheduler.cpp
  if (block.shared_bytes > 0 && at >= block.shared &&
      at < block.shared + block.shared_bytes + margin)
    return check_dynamic(event);
  check_other(event);
}

void mark_written(const void* address, std::size_t bytes) {
  if (checked && on_device(address)) device_shadow().mark_written(address_of(address), bytes);
}

void forget(const void* address, std::size_t bytes) {
  if (checked) device_shadow().forget(address_of(address), bytes);
}

void end_block() {
  paused = false;  // a thread that was stopped could not say so
  auto published = std::move(publication.published);
  publication = {};
  publication.published = std::move(published);
  if (checked) recording::end_block();
}

Pause::Pause() : before_(paused) { paused = true; }
Pause::~Pause() { paused = before_; }

}  // namespace cuda_on_host::checker

void cuda_on_host::note_fence() {
  using cuda_on_host::checker::publication;
  if (!checked || current_thread() == nullptr) return;
  const checker::Pause pause;
  publication.read_by_me.insert(publication.met.begin(), publication.met.end());
  publication.met.clear();
  if (std::exchange(publication.epoch, block.epoch) != block.epoch) publication.fenced.clear();
  publication.fenced.insert(std::uint16_t(current_thread()->linear));
  if (publication.fenced.size() == block.threads) publication.all_fenced = block.epoch;
}

void cuda_on_host::note_atomic(const void* at, std::size_t bytes, const void* code) {
  if (checked) checker::access(checker::Access::atomic, at, bytes, true, code);
}
