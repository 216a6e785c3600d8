// SPDX-License-Identifier: MIT
#ifdef SOFTLABEL_HAS_NCCL
#include <fcntl.h>
#include <nccl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/library.h"
#include "test/cuda_on_host/report.h"

// NCCL on the host, between processes: the functions in use. Data go through shared memory, piece
// by piece, and sums are in the order of ranks. A rank that calls another function than the others,
// or with another size or type, would hang or compute nonsense with NCCL; here it is reported.

namespace {

using namespace cuda_on_host;

constexpr int most_ranks = 16;
constexpr std::size_t piece = std::size_t{64} << 10;
constexpr std::chrono::seconds patience{120};  // for a rank that never comes

/// What a rank is about to do, which all ranks do alike.
struct Call {
  enum class What : std::uint8_t { all_reduce, all_gather, broadcast } what;
  std::size_t count;
  ncclDataType_t type;
  int root;
  std::uint64_t number;  // of the communicator's calls
  bool operator==(const Call&) const = default;
};

/// Starts as zeros.
struct Shared {
  std::atomic<int> arrived, round;
  Call calls[most_ranks];
  char data[most_ranks][piece];
};

std::size_t size_of(ncclDataType_t type) {
  switch (type) {
    case ncclUint8: return 1;
    case ncclInt32:
    case ncclFloat: return 4;
    default: return 0;
  }
}

}  // namespace

struct ncclComm {
  int rank, ranks;
  Shared* shared;
  std::uint64_t calls = 0;

  /// False if the others do not come.
  bool meet() const {
    const int round = shared->round;
    if (++shared->arrived == ranks) {
      shared->arrived = 0;
      ++shared->round;
      return true;
    }
    const auto until = std::chrono::steady_clock::now() + patience;
    while (shared->round == round) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      if (std::chrono::steady_clock::now() < until) continue;
      report(Kind::bad_call, "a collective that other ranks do not take part in");
      return false;
    }
    return true;
  }
};

namespace {

template <class T>
void add_up(char* to, const Shared& shared, int ranks, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += sizeof(T)) {
    T sum{}, one{};
    for (int r = 0; r < ranks; ++r) {
      std::memcpy(&one, &shared.data[r][at], sizeof one);
      sum += one;
    }
    std::memcpy(to + at, &sum, sizeof sum);
  }
}

/// What is done when the stream comes to it.
void exchange(const ncclComm& comm, const Call& call, const char* send, char* receive) {
  Shared& shared = *comm.shared;
  shared.calls[comm.rank] = call;
  if (!comm.meet()) return;
  for (int r = 0; r < comm.ranks; ++r) {
    if (shared.calls[r] == call) continue;
    report(Kind::bad_call, "ranks take part in different collectives at the same time");
    comm.meet();
    return;
  }
  if (!comm.meet()) return;
  const std::size_t bytes = call.count * size_of(call.type);
  std::vector<char> result(std::min(piece, bytes));
  for (std::size_t at = 0; at < bytes; at += piece) {
    const std::size_t part = std::min(piece, bytes - at);
    if (call.what != Call::What::broadcast || comm.rank == call.root)
      std::memcpy(shared.data[comm.rank], send + at, part);
    if (!comm.meet()) return;
    switch (call.what) {
      case Call::What::all_reduce:
        if (call.type == ncclFloat)
          add_up<float>(result.data(), shared, comm.ranks, part);
        else
          add_up<std::int32_t>(result.data(), shared, comm.ranks, part);
        write(receive + at, result.data(), part);
        break;
      case Call::What::all_gather:
        for (int r = 0; r < comm.ranks; ++r)
          write(receive + std::size_t(r) * bytes + at, shared.data[r], part);
        break;
      case Call::What::broadcast: write(receive + at, shared.data[call.root], part); break;
    }
    if (!comm.meet()) return;
  }
}

ncclResult_t queue(ncclComm* comm, Call call, const void* send, void* receive, std::size_t received,
                   cudaStream_t stream) {
  const ApiCall api_call;
  if (comm == nullptr || size_of(call.type) == 0) return ncclInvalidArgument;
  const std::size_t bytes = call.count * size_of(call.type);
  const bool sends = call.what != Call::What::broadcast || comm->rank == call.root;
  if ((sends && !usable("what a collective sends", send, bytes, size_of(call.type))) ||
      !usable("what a collective receives", receive, received, size_of(call.type)))
    return ncclInvalidArgument;
  const bool queued = enqueue_library_work(stream, [=]() mutable {
    call.number = comm->calls++;
    exchange(*comm, call, static_cast<const char*>(send), static_cast<char*>(receive));
  });
  return queued ? ncclSuccess : ncclUnhandledCudaError;
}

}  // namespace

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  static std::atomic<int> made{0};
  std::snprintf(id->internal, sizeof id->internal, "/softlabel-nccl-%d-%d", int(getpid()), ++made);
  const int file = shm_open(id->internal, O_CREAT | O_EXCL | O_RDWR, 0600);
  if (file < 0 || ftruncate(file, sizeof(Shared)) != 0) return ncclSystemError;
  close(file);
  return ncclSuccess;
}

ncclResult_t ncclCommInitRank(ncclComm_t* comm, int ranks, ncclUniqueId id, int rank) {
  const ApiCall call;
  *comm = nullptr;
  if (machine_status() != cudaSuccess) return ncclUnhandledCudaError;
  if (!may_act("ncclCommInitRank")) return ncclInvalidUsage;
  if (ranks < 1 || ranks > most_ranks || rank < 0 || rank >= ranks) return ncclInvalidArgument;
  const int file = shm_open(id.internal, O_RDWR, 0);
  if (file < 0) return ncclInvalidArgument;
  void* shared = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (shared == MAP_FAILED) return ncclSystemError;
  auto made = new ncclComm{rank, ranks, static_cast<Shared*>(shared)};
  const bool all_here = made->meet();
  if (rank == 0) shm_unlink(id.internal);
  *comm = made;
  return all_here ? ncclSuccess : ncclSystemError;
}

ncclResult_t ncclAllReduce(const void* send, void* receive, std::size_t count, ncclDataType_t type,
                           ncclRedOp_t sum, ncclComm_t comm, cudaStream_t stream) {
  if (sum != ncclSum) return ncclInvalidArgument;
  return queue(comm, {Call::What::all_reduce, count, type, 0, 0}, send, receive,
               count * size_of(type), stream);
}

ncclResult_t ncclAllGather(const void* send, void* receive, std::size_t count, ncclDataType_t type,
                           ncclComm_t comm, cudaStream_t stream) {
  const std::size_t ranks = comm != nullptr ? std::size_t(comm->ranks) : 0;
  return queue(comm, {Call::What::all_gather, count, type, 0, 0}, send, receive,
               ranks * count * size_of(type), stream);
}

ncclResult_t ncclBroadcast(const void* send, void* receive, std::size_t count, ncclDataType_t type,
                           int root, ncclComm_t comm, cudaStream_t stream) {
  return queue(comm, {Call::What::broadcast, count, type, root, 0}, send, receive,
               count * size_of(type), stream);
}

const char* ncclGetErrorString(ncclResult_t result) {
  switch (result) {
    case ncclSuccess: return "no error";
    case ncclUnhandledCudaError: return "unhandled cuda error";
    case ncclSystemError: return "unhandled system error";
    case ncclInvalidArgument: return "invalid argument";
    case ncclInvalidUsage: return "invalid usage";
    default: return "unknown result code";
  }
}
#endif
