// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <typeinfo>

#include "kernels/runtime/device.h"

namespace kernels {

/// What the ops of a kind have cost in all.
struct OpCost {
  std::uint64_t calls = 0;
  double seconds = 0;
  double bytes = 0, flops = 0;  // by their bytes() and flops(); 0 if they have none, as collectives
};

/// Says, while it lives, what the ops cost that run() starts, by the names of their structs. Each
/// is waited for, so that a GPU's time is its own: a step is slower by that, and is no graph. There
/// may be one log at a time, and ops of one thread.
class OpLog {
 public:
  OpLog();
  ~OpLog();
  OpLog(const OpLog&) = delete;
  OpLog& operator=(const OpLog&) = delete;

  const std::map<std::string, OpCost>& costs() const { return costs_; }

  /// For run().
  static OpLog* kept() { return kept_; }  // null: there is none
  void begin(Device);
  void end(Device, const std::type_info& op, double bytes, double flops);

 private:
  static OpLog* kept_;
  std::chrono::steady_clock::time_point begun_;
  std::map<std::string, OpCost> costs_;
};

}  // namespace kernels
