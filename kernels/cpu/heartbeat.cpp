// SPDX-License-Identifier: MIT
#ifdef SOFTLABEL_HAS_MPI
#include "kernels/cpu/heartbeat.h"

#include <fmt/format.h>

#include <cstdio>

#include "kernels/runtime/ranks.h"

namespace kernels {

Heartbeat::Heartbeat(int rank, int count, std::chrono::duration<double> longest_silence)
    : rank_(rank), longest_silence_(longest_silence) {
  MPI_Comm_dup(MPI_COMM_WORLD, &communicator_);
  char machine[MPI_MAX_PROCESSOR_NAME] = {};
  int length = 0;
  MPI_Get_processor_name(machine, &length);
  std::vector<char> machines(std::size_t(count) * sizeof machine);
  MPI_Allgather(machine, sizeof machine, MPI_CHAR, machines.data(), sizeof machine, MPI_CHAR,
                communicator_);
  for (int other = 0; other < count; ++other) {
    if (other != rank && (rank == 0 || other == 0))
      peers_.push_back({.rank = other,
                        .machine = &machines[std::size_t(other) * sizeof machine],
                        .heard = Clock::now()});
  }
  thread_ = std::thread([this] { beat(); });
}

Heartbeat::~Heartbeat() {
  MPI_Barrier(communicator_);  // nobody listens in vain
  over_ = true;
  thread_.join();
  MPI_Comm_free(&communicator_);
}

void Heartbeat::beat() {
  using namespace std::chrono_literals;
  for (Peer& peer : peers_)
    MPI_Irecv(&peer.in_byte, 1, MPI_CHAR, peer.rank, 0, communicator_, &peer.in);
  for (int tenths = 0; !over_; ++tenths) {
    for (Peer& peer : peers_) {
      int done = 0;
      MPI_Test(&peer.in, &done, MPI_STATUS_IGNORE);
      if (done) {
        peer.heard = Clock::now();
        MPI_Irecv(&peer.in_byte, 1, MPI_CHAR, peer.rank, 0, communicator_, &peer.in);
      }
      if (tenths % 10 == 0) {
        MPI_Test(&peer.out, &done, MPI_STATUS_IGNORE);
        if (done) MPI_Isend(&peer.out_byte, 1, MPI_CHAR, peer.rank, 0, communicator_, &peer.out);
      }
      if (Clock::now() - peer.heard > longest_silence_) give_up(peer);
    }
    std::this_thread::sleep_for(100ms);
  }
  // All are here: what is under way is taken or called back.
  for (Peer& peer : peers_) {
    MPI_Cancel(&peer.in);
    MPI_Wait(&peer.in, MPI_STATUS_IGNORE);
    MPI_Wait(&peer.out, MPI_STATUS_IGNORE);
  }
}

void Heartbeat::give_up(const Peer& peer) const {
  const std::string line = fmt::format(
      "rank {}: rank {} on {} has been silent for {:.0f} s: its process was stopped, or its "
      "machine is cut off; all ranks end, and the same command goes on after the last finished "
      "epoch\n",
      rank_, peer.rank, peer.machine, longest_silence_.count());
  std::fputs(line.c_str(), stderr);
  abort_ranks(1);
}

}  // namespace kernels
#endif
