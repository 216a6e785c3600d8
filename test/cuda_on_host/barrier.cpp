// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <bit>
#include <cstdio>
#include <cstdlib>

#include "test/cuda_on_host/checker.h"
#include "test/cuda_on_host/report.h"
#include "test/cuda_on_host/scheduler.h"

// Barriers of blocks and operations of warps: where threads meet, and what they learn there.
namespace cuda_on_host {
namespace {

struct {
  Barrier kind;
  Place place;
  int result;
} meeting;  // the barrier that threads of the block wait at

[[noreturn]] void fail_outside(const char* what) {
  std::fprintf(stderr, "cuda_on_host: %s in host code\n", what);
  std::abort();
}

void release_barrier() {
  for (unsigned i = 0; i < block.threads; ++i) {
    thread_of_block(i).state = State::ready;
    thread_of_block(i).result = std::uint64_t(meeting.result);
  }
  for (Warp& warp : block.warps) warp.epoch = 0;
  block.waiting = 0;
  ++block.epoch;
  ++statistics().barriers;
}

// The lane that `lane` reads from. Outside its segment of `width` lanes it reads from itself.
unsigned source_lane(const Thread& thread, unsigned lane) {
  const int width = thread.width, first = int(lane) / width * width;
  int source = int(lane);
  switch (thread.operation) {
    case WarpOperation::shuffle: return unsigned(first + (thread.argument & (width - 1)));
    case WarpOperation::shuffle_up: source -= thread.argument; break;
    case WarpOperation::shuffle_down: source += thread.argument; break;
    default: source ^= thread.argument; break;
  }
  const bool inside = source >= first && source < first + width;
  return inside ? unsigned(source) : lane;
}

bool is_shuffle(WarpOperation operation) { return operation <= WarpOperation::shuffle_xor; }

std::uint64_t reduce(WarpOperation operation, unsigned mask, const Thread* lanes[32]) {
  std::uint64_t result = operation == WarpOperation::min ? ~std::uint64_t{0} : 0;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(mask >> lane & 1)) continue;
    const std::uint64_t value = lanes[lane]->value;
    switch (operation) {
      case WarpOperation::ballot: result |= (value & 1) << lane; break;
      case WarpOperation::sum: result += value; break;
      case WarpOperation::min: result = value < result ? value : result; break;
      case WarpOperation::max: result = value > result ? value : result; break;
      default: break;
    }
  }
  return result;
}

// All lanes of the mask are here.
void complete(Warp& warp, unsigned first_thread, unsigned mask, WarpOperation operation) {
  const checker::Pause pause;
  ++statistics().warp_operations;
  const Thread* lanes[32] = {};
  for (unsigned lane = 0; lane < 32; ++lane)
    if (mask >> lane & 1) lanes[lane] = &thread_of_block(first_thread + lane);
  const std::uint64_t reduced = is_shuffle(operation) ? 0 : reduce(operation, mask, lanes);
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(mask >> lane & 1)) continue;
    Thread& thread = thread_of_block(first_thread + lane);
    thread.result = reduced;
    thread.state = State::ready;
    if (!is_shuffle(operation)) continue;
    const unsigned source = source_lane(thread, lane);
    if (!(mask >> source & 1)) {
      report(Kind::shuffle_source, fmt::format("{}: shuffle {} reads lane {}, which takes no part",
                                               describe(thread), describe(thread.place), source));
      stop_kernel();
    }
    thread.result = lanes[source]->value;
  }
  warp.arrived &= ~mask;
  if (operation == WarpOperation::sync) ++warp.epoch;
}

// Whether the thread may not wait at this barrier; says why.
bool diverges(const Thread& me, Barrier kind, Place place) {
  const checker::Pause pause;
  std::string why;
  if (block.waiting > 0 && (kind != meeting.kind || place != meeting.place))
    why = fmt::format("others wait at the one {}", describe(meeting.place));
  else if (block.finished > 0)
    why = fmt::format("{} threads of the block have finished", block.finished);
  else
    return false;
  report(Kind::barrier_divergence,
         fmt::format("{} comes to the barrier {}, but {}", describe(me), describe(place), why));
  return true;
}

// Whether the lane may not wait in this operation; says why.
bool diverges(const Thread& me, const Warp& warp, WarpOperation operation, unsigned mask, int width,
              Place place) {
  const checker::Pause pause;
  const unsigned others = warp.arrived & mask;
  const unsigned lane = others != 0 ? unsigned(std::countr_zero(others)) : me.lane();
  const Thread& other = thread_of_block(me.linear - me.lane() + lane);
  std::string how;
  if (!(mask >> me.lane() & 1))
    how = "with a mask that lacks its own lane";
  else if (mask & ~warp.present)
    how = "with a mask that names lanes the warp does not have";
  else if (mask & warp.finished)
    how = "with a mask that names lanes that have finished";
  else if (width < 1 || width > 32 || !std::has_single_bit(unsigned(width)))
    how = fmt::format("with a width of {}", width);
  else if (others != 0 &&
           (other.operation != operation || other.mask != mask || other.place != place))
    how = fmt::format("while other lanes of its mask wait in the one {}", describe(other.place));
  else
    return false;
  report(Kind::warp_divergence,
         fmt::format("{}: warp operation {} {}", describe(me), describe(place), how));
  return true;
}

}  // namespace

int barrier(Barrier kind, bool predicate, Place place) {
  Thread* const me = current_thread();
  if (me == nullptr) fail_outside("a barrier");
  if (diverges(*me, kind, place)) stop_kernel();
  if (block.waiting == 0) meeting = {kind, place, kind == Barrier::all ? 1 : 0};
  switch (kind) {
    case Barrier::plain: break;
    case Barrier::count: meeting.result += predicate; break;
    case Barrier::all: meeting.result &= int(predicate); break;
    case Barrier::any: meeting.result |= int(predicate); break;
  }
  if (++block.waiting == block.threads)
    release_barrier();  // the last to come need not wait
  else
    wait(State::at_barrier, place);
  return int(me->result);
}

std::uint64_t warp_operation(WarpOperation operation, unsigned mask, std::uint64_t value,
                             int argument, int width, Place place) {
  Thread* const me = current_thread();
  if (me == nullptr) fail_outside("a warp operation");
  Warp& warp = block.warps[me->linear / 32];
  if (diverges(*me, warp, operation, mask, width, place)) stop_kernel();
  me->operation = operation;
  me->mask = mask;
  me->value = value;
  me->argument = argument;
  me->width = width;
  me->place = place;
  warp.arrived |= 1u << me->lane();
  if ((mask & ~warp.arrived) == 0)
    complete(warp, me->linear - me->lane(), mask, operation);  // the last to come need not wait
  else
    wait(State::in_warp_operation, place);
  return me->result;
}

}  // namespace cuda_on_host
