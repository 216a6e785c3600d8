// SPDX-License-Identifier: MIT
// MPI: how ranks find each other, and what they compute together in host memory.
#include "kernels/collective.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/ranks.h"
#ifdef SOFTLABEL_HAS_MPI
#include <unistd.h>

#include "kernels/cpu/heartbeat.h"
#endif

namespace kernels {
namespace {
Ranks joined;
}

const Ranks& ranks() { return joined; }

#ifdef SOFTLABEL_HAS_MPI

namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // MPI counts in int

std::optional<Heartbeat> heartbeat;

/// Calls f(offset, count) for parts of `size` that MPI can count.
template <class F>
void in_parts(std::size_t size, F f) {
  for (std::size_t at = 0; at < size; at += most_at_once)
    f(at, int(std::min(most_at_once, size - at)));
}

double longest_silence() {
  const char* text = std::getenv("SOFTLABEL_RANK_TIMEOUT");
  if (text == nullptr) return 45;
  char* end = nullptr;
  const double seconds = std::strtod(text, &end);
  require(*end == '\0' && seconds > 0, "SOFTLABEL_RANK_TIMEOUT is {}, should be seconds, above 0",
          text);
  return seconds;
}

}  // namespace

void join_ranks() {
  const Ranks launched = launched_ranks();
  if (launched.count == 1 || joined.count > 1) return;
  require(
      launched.launcher != "torchrun",
      "started as one of {} ranks by RANK and WORLD_SIZE, as torchrun does; start them by mpirun",
      launched.count);
  const std::chrono::duration<double> silence(longest_silence());
  int threads = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &threads);
  Ranks found{.launcher = launched.launcher};
  MPI_Comm_rank(MPI_COMM_WORLD, &found.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &found.count);
  MPI_Comm here = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
  MPI_Comm_rank(here, &found.local_rank);
  MPI_Comm_size(here, &found.local_count);
  MPI_Comm_free(&here);
  require(found.count == launched.count,
          "{} says that it started {} ranks, but MPI knows of {}: it is not of the MPI that this "
          "program was built with",
          launched.launcher, launched.count, found.count);
  require(threads == MPI_THREAD_MULTIPLE,
          "this MPI cannot be used by several threads (MPI_THREAD_MULTIPLE), as is needed to see "
          "that all ranks live");
  joined = found;
  heartbeat.emplace(found.rank, found.count, silence);
}

void leave_ranks() {
  if (joined.count == 1) return;
  heartbeat.reset();
  joined = {};
  MPI_Finalize();
}

void abort_ranks(int status) {
  if (joined.count > 1) MPI_Abort(MPI_COMM_WORLD, status);
  _exit(status);
}

void run(Cpu, const AllReduce& op) {
  if (joined.count == 1) return;
  require(op.type == DType::f32 || op.type == DType::i32, "AllReduce of {}", name_of(op.type));
  in_parts(op.size, [&](std::size_t at, int count) {
    MPI_Allreduce(MPI_IN_PLACE, static_cast<char*>(op.data) + at * size_of(op.type), count,
                  op.type == DType::f32 ? MPI_FLOAT : MPI_INT32_T, MPI_SUM, MPI_COMM_WORLD);
  });
}

void run(Cpu, const AllGather& op) {
  if (joined.count == 1) return copy(Cpu{}, op.all, op.mine, op.size);
  require(op.size <= most_at_once, "AllGather of {} bytes", op.size);
  MPI_Allgather(op.mine, int(op.size), MPI_BYTE, op.all, int(op.size), MPI_BYTE, MPI_COMM_WORLD);
}

void run(Cpu, const Broadcast& op) {
  if (joined.count == 1) return;
  in_parts(op.size, [&](std::size_t at, int count) {
    MPI_Bcast(static_cast<char*>(op.data) + at, count, MPI_BYTE, 0, MPI_COMM_WORLD);
  });
}

#else

void join_ranks() {
  const Ranks launched = launched_ranks();
  require(launched.count == 1,
          "started as one of {} ranks by {}, but this build has no MPI: install libopenmpi-dev and "
          "build it again, or start one process",
          launched.count, launched.launcher);
}

void leave_ranks() {}
void abort_ranks(int status) { std::_Exit(status); }
void run(Cpu, const AllReduce&) {}
void run(Cpu, const AllGather& op) { copy(Cpu{}, op.all, op.mine, op.size); }
void run(Cpu, const Broadcast&) {}

#endif

}  // namespace kernels
