// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "kernels/ranks/meeting.h"

namespace kernels {

/// A thread that lets the other ranks know that this process lives, and ends all when one of them
/// does not. Rank 0 and each of the others send one another a byte every second.
class Heartbeat {
 public:
  Heartbeat(Meeting&, std::chrono::duration<double> longest_silence);
  ~Heartbeat();  // on all ranks together
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  struct Peer {
    int rank;
    std::string machine;
    Clock::time_point heard;
  };
  void beat();
  [[noreturn]] void give_up(const Peer&) const;

  Meeting& meeting_;
  std::chrono::duration<double> longest_silence_;
  std::vector<Peer> peers_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace kernels
