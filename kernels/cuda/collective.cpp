// SPDX-License-Identifier: MIT
#include "kernels/collective.h"

#include "kernels/ranks/ranks.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"
#ifdef SOFTLABEL_HAS_NCCL
#include <nccl.h>

#include <source_location>
#include <utility>

#include "kernels/cuda/check.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/launch_counts.h"
#endif

// The only file that sees NCCL.
namespace kernels {

#ifdef SOFTLABEL_HAS_NCCL
namespace {

using kernels::check;

void check(ncclResult_t status, const std::source_location& at = std::source_location::current()) {
  require(status == ncclSuccess, "NCCL: {} ({}:{})", ncclGetErrorString(status), at.file_name(),
          at.line());
}

/// Of all ranks, and a stream for what it does: in one stream all ranks do the same in one order.
struct Communicator {
  ncclComm_t all = nullptr;
  cudaStream_t stream = nullptr;
  cudaEvent_t before = nullptr, after = nullptr;
  bool busy = false;  // with what the context's stream has not waited for
};

/// Made at the first use, by all ranks together, and never destroyed, as context() is.
Communicator& communicator() {
  static Communicator only = [] {
    ncclUniqueId id{};
    if (ranks().rank == 0) check(ncclGetUniqueId(&id));
    run(Cpu{}, Broadcast{.data = &id, .size = sizeof id});
    Communicator made;
    context();  // NCCL takes the device that is current
    check(ncclCommInitRank(&made.all, ranks().count, id, ranks().rank));
    check(cudaStreamCreateWithFlags(&made.stream, cudaStreamNonBlocking));
    for (cudaEvent_t* event : {&made.before, &made.after})
      check(cudaEventCreateWithFlags(event, cudaEventDisableTiming));
    return made;
  }();
  return only;
}

/// Queues what `call` of the communicator asks for, behind what the context's stream has.
template <class Call>
void begin(Call call) {
  Communicator& c = communicator();
  check(cudaEventRecord(c.before, context().stream()));
  check(cudaStreamWaitEvent(c.stream, c.before));
  check(call(c.all, c.stream));
  c.busy = true;
  count_launch(Cuda{}, &LaunchCounts::collectives);
}

/// The context's stream goes on when it is done.
void finish() {
  Communicator& c = communicator();
  if (!std::exchange(c.busy, false)) return;
  check(cudaEventRecord(c.after, c.stream));
  check(cudaStreamWaitEvent(context().stream(), c.after));
  finish_call_of("NCCL");
}

}  // namespace

void run(Cuda, const BeginSum& op) {
  if (ranks().count == 1) return;
  require(op.type == DType::f32 || op.type == DType::i32, "AllReduce of {}", name_of(op.type));
  begin([&](ncclComm_t all, cudaStream_t stream) {
    return ncclAllReduce(op.data, op.data, op.size, op.type == DType::f32 ? ncclFloat : ncclInt32,
                         ncclSum, all, stream);
  });
}

void run(Cuda, const FinishSums&) {
  if (ranks().count > 1) finish();
}

void run(Cuda, const AllReduce& op) {
  run(Cuda{}, BeginSum{op});
  run(Cuda{}, FinishSums{});
}

void run(Cuda, const AllGather& op) {
  if (ranks().count == 1) return copy(op.all, Device::cuda, op.mine, Device::cuda, op.size);
  begin([&](ncclComm_t all, cudaStream_t stream) {
    return ncclAllGather(op.mine, op.all, op.size, ncclUint8, all, stream);
  });
  finish();
}

void run(Cuda, const Broadcast& op) {
  if (ranks().count == 1) return;
  begin([&](ncclComm_t all, cudaStream_t stream) {
    return ncclBroadcast(op.data, op.data, op.size, ncclUint8, 0, all, stream);
  });
  finish();
}

#else
namespace {

void need_one_rank() {
  require(ranks().count == 1,
          "this build has no NCCL, by which GPUs of several ranks add up: install libnccl-dev, or "
          "start one rank");
}

}  // namespace

void run(Cuda, const AllReduce&) { need_one_rank(); }
void run(Cuda, const BeginSum&) { need_one_rank(); }
void run(Cuda, const FinishSums&) {}
void run(Cuda, const Broadcast&) { need_one_rank(); }
void run(Cuda, const AllGather& op) {
  need_one_rank();
  copy(op.all, Device::cuda, op.mine, Device::cuda, op.size);
}
#endif

}  // namespace kernels
