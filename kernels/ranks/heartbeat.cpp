// SPDX-License-Identifier: MIT
#include "kernels/ranks/heartbeat.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace kernels {

Heartbeat::Heartbeat(Meeting& meeting, std::chrono::duration<double> longest_silence)
    : meeting_(meeting), longest_silence_(longest_silence) {
  char machine[256] = {};
  gethostname(machine, sizeof machine - 1);
  const std::vector<std::string> machines = said_by_ranks(machine);
  const auto [rank, count] = std::pair(meeting.ranks().rank, meeting.ranks().count);
  for (int other = 0; other < count; ++other)
    if (other != rank && (rank == 0 || other == 0))
      peers_.push_back({other, machines[std::size_t(other)], Clock::now()});
  thread_ = std::thread([this] { beat(); });
}

Heartbeat::~Heartbeat() {
  any_rank(false);  // all have come here: nobody listens in vain
  over_ = true;
  thread_.join();
}

void Heartbeat::beat() {
  using namespace std::chrono_literals;
  for (int tenths = 0; !over_; ++tenths) {
    for (Peer& peer : peers_) {
      if (meeting_.heard(peer.rank)) peer.heard = Clock::now();
      if (tenths % 10 == 0) meeting_.beat(peer.rank);
      if (Clock::now() - peer.heard > longest_silence_) give_up(peer);
    }
    std::this_thread::sleep_for(100ms);
  }
}

void Heartbeat::give_up(const Peer& peer) const {
  const std::string line = fmt::format(
      "rank {}: rank {} on {} has been silent for {:.0f} s: its process was stopped, or its "
      "machine is cut off; all ranks end, and the same command goes on after the last finished "
      "epoch\n",
      meeting_.ranks().rank, peer.rank, peer.machine, longest_silence_.count());
  std::fputs(line.c_str(), stderr);
  abort_ranks(1);
}

}  // namespace kernels
