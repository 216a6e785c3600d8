// SPDX-License-Identifier: MIT
// The only file that sees MPI.
#include "kernels/ranks/meeting.h"
#include "kernels/runtime/error.h"
#ifdef SOFTLABEL_HAS_MPI
#include <mpi.h>

#include <algorithm>
#include <vector>
#endif

namespace kernels {

#ifdef SOFTLABEL_HAS_MPI
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // MPI counts in int

/// Calls f(offset, count) for parts of `size` that MPI can count.
template <class F>
void in_parts(std::size_t size, F f) {
  for (std::size_t at = 0; at < size; at += most_at_once)
    f(at, int(std::min(most_at_once, size - at)));
}

class MpiMeeting : public Meeting {
 public:
  explicit MpiMeeting(const Ranks& launched) {
    int threads = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &threads);
    ranks_.launcher = launched.launcher;
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks_.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_.count);
    MPI_Comm here = MPI_COMM_NULL;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
    MPI_Comm_rank(here, &ranks_.local_rank);
    MPI_Comm_size(here, &ranks_.local_count);
    MPI_Comm_free(&here);
    require(ranks_.count == launched.count,
            "{} says that it started {} ranks, but MPI knows of {}: it is not of the MPI that this "
            "program was built with",
            launched.launcher, launched.count, ranks_.count);
    require(threads == MPI_THREAD_MULTIPLE,
            "this MPI cannot be used by several threads (MPI_THREAD_MULTIPLE), as is needed to see "
            "that all ranks live");
    MPI_Comm_dup(MPI_COMM_WORLD, &beats_);
    signs_.resize(std::size_t(ranks_.count));
    for (int other = 0; other < ranks_.count; ++other)
      if (other != ranks_.rank && (ranks_.rank == 0 || other == 0)) listen(other);
  }
  ~MpiMeeting() override {
    for (Sign& sign : signs_) {  // what is under way is taken or called back
      if (sign.in == MPI_REQUEST_NULL) continue;
      MPI_Cancel(&sign.in);
      MPI_Wait(&sign.in, MPI_STATUS_IGNORE);
      MPI_Wait(&sign.out, MPI_STATUS_IGNORE);
    }
    MPI_Comm_free(&beats_);
    MPI_Finalize();
  }
  MpiMeeting(const MpiMeeting&) = delete;
  MpiMeeting& operator=(const MpiMeeting&) = delete;

  const Ranks& ranks() const override { return ranks_; }

  void run(const AllReduce& op) override {
    in_parts(op.size, [&](std::size_t at, int count) {
      MPI_Allreduce(MPI_IN_PLACE, static_cast<char*>(op.data) + at * size_of(op.type), count,
                    op.type == DType::f32 ? MPI_FLOAT : MPI_INT32_T, MPI_SUM, MPI_COMM_WORLD);
    });
  }
  void run(const AllGather& op) override {
    require(op.size <= most_at_once, "AllGather of {} bytes", op.size);
    MPI_Allgather(op.mine, int(op.size), MPI_BYTE, op.all, int(op.size), MPI_BYTE, MPI_COMM_WORLD);
  }
  void run(const Broadcast& op) override {
    in_parts(op.size, [&](std::size_t at, int count) {
      MPI_Bcast(static_cast<char*>(op.data) + at, count, MPI_BYTE, 0, MPI_COMM_WORLD);
    });
  }

  void abort(int status) noexcept override { MPI_Abort(MPI_COMM_WORLD, status); }

  void beat(int rank) override {
    Sign& sign = signs_[std::size_t(rank)];
    int taken = 0;
    MPI_Test(&sign.out, &taken, MPI_STATUS_IGNORE);
    if (taken) MPI_Isend(&sign.out_byte, 1, MPI_CHAR, rank, 0, beats_, &sign.out);
  }
  bool heard(int rank) override {
    int come = 0;
    MPI_Test(&signs_[std::size_t(rank)].in, &come, MPI_STATUS_IGNORE);
    if (come) listen(rank);
    return come != 0;
  }

 private:
  struct Sign {
    MPI_Request in = MPI_REQUEST_NULL, out = MPI_REQUEST_NULL;
    char in_byte = 0, out_byte = 0;
  };
  void listen(int rank) {
    Sign& sign = signs_[std::size_t(rank)];
    MPI_Irecv(&sign.in_byte, 1, MPI_CHAR, rank, 0, beats_, &sign.in);
  }

  Ranks ranks_;
  MPI_Comm beats_ = MPI_COMM_NULL;
  std::vector<Sign> signs_;  // by rank
};

}  // namespace

std::unique_ptr<Meeting> meet_by_mpi(const Ranks& launched) {
  return std::make_unique<MpiMeeting>(launched);
}

#else

std::unique_ptr<Meeting> meet_by_mpi(const Ranks& launched) {
  fail(
      "started as one of {} ranks by {}, but this build has no MPI: install libopenmpi-dev and "
      "build it again, start one process, or start them with RANK, WORLD_SIZE, MASTER_ADDR and "
      "MASTER_PORT, as torchrun does",
      launched.count, launched.launcher);
}

#endif

}  // namespace kernels
