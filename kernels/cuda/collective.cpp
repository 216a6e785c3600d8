// SPDX-License-Identifier: MIT
#include "kernels/collective.h"

#include "kernels/runtime/error.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/ranks.h"
#ifdef SOFTLABEL_HAS_NCCL
#include <nccl.h>

#include <source_location>

#include "kernels/cuda/context.h"
#include "kernels/cuda/launch.h"
#include "kernels/runtime/launch_counts.h"
#endif

// The only file that sees NCCL.
namespace kernels {

#ifdef SOFTLABEL_HAS_NCCL
namespace {

void check(ncclResult_t status, const std::source_location& at = std::source_location::current()) {
  require(status == ncclSuccess, "NCCL: {} ({}:{})", ncclGetErrorString(status), at.file_name(),
          at.line());
}

/// Of all ranks. Made at the first use, by all of them together, and never destroyed, as context()
/// is.
ncclComm_t communicator() {
  static const ncclComm_t only = [] {
    ncclUniqueId id{};
    if (ranks().rank == 0) check(ncclGetUniqueId(&id));
    run(Cpu{}, Broadcast{.data = &id, .size = sizeof id});
    ncclComm_t made = nullptr;
    context();  // NCCL takes the device that is current
    check(ncclCommInitRank(&made, ranks().count, id, ranks().rank));
    return made;
  }();
  return only;
}

/// Queues what `call` of the communicator and the stream asks for.
template <class Call>
void queue(Call call) {
  check(call(communicator(), context().stream()));
  count_launch(Cuda{}, &LaunchCounts::collectives);
  finish_call_of("NCCL");
}

}  // namespace

void run(Cuda, const AllReduce& op) {
  if (ranks().count == 1) return;
  require(op.type == DType::f32 || op.type == DType::i32, "AllReduce of {}", name_of(op.type));
  queue([&](ncclComm_t all, cudaStream_t stream) {
    return ncclAllReduce(op.data, op.data, op.size, op.type == DType::f32 ? ncclFloat : ncclInt32,
                         ncclSum, all, stream);
  });
}

void run(Cuda, const AllGather& op) {
  if (ranks().count == 1) return copy(op.all, Device::cuda, op.mine, Device::cuda, op.size);
  queue([&](ncclComm_t all, cudaStream_t stream) {
    return ncclAllGather(op.mine, op.all, op.size, ncclUint8, all, stream);
  });
}

void run(Cuda, const Broadcast& op) {
  if (ranks().count == 1) return;
  queue([&](ncclComm_t all, cudaStream_t stream) {
    return ncclBroadcast(op.data, op.data, op.size, ncclUint8, 0, all, stream);
  });
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
void run(Cuda, const Broadcast&) { need_one_rank(); }
void run(Cuda, const AllGather& op) {
  need_one_rank();
  copy(op.all, Device::cuda, op.mine, Device::cuda, op.size);
}
#endif

}  // namespace kernels
