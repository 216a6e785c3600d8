// SPDX-License-Identifier: MIT
#pragma once
#include <mpi.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace kernels {

/// A thread that lets the other ranks know that this process lives, and ends all when one of them
/// does not. Rank 0 and each of the others send one another a byte every second; what a stopped
/// process does not take is not sent again, so that nothing piles up.
class Heartbeat {
 public:
  /// Needs MPI_THREAD_MULTIPLE.
  Heartbeat(int rank, int count, std::chrono::duration<double> longest_silence);
  ~Heartbeat();  // on all ranks together
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  struct Peer {
    int rank;
    std::string machine;
    Clock::time_point heard;
    MPI_Request in = MPI_REQUEST_NULL, out = MPI_REQUEST_NULL;
    char in_byte = 0, out_byte = 0;
  };
  void beat();
  [[noreturn]] void give_up(const Peer&) const;

  int rank_;
  std::chrono::duration<double> longest_silence_;
  MPI_Comm communicator_ = MPI_COMM_NULL;
  std::vector<Peer> peers_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace kernels
