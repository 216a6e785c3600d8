// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/pool.h"
#include "kernels/runtime/error_type.h"
#include "kernels/runtime/graph.h"

namespace engine {

/// Work that cannot be recorded, with the reason; it can still be done.
class NotRecorded : public kernels::Error {
 public:
  using Error::Error;
};

/// Work that is the same in every step, but for what it reads from device memory. On a GPU it runs
/// twice as it is, which settles plans and memory; then it is recorded, and from there on a step is
/// one launch. It is recorded anew, by the same three steps, where something that it points to has
/// moved: memory that was given back to the system, or that the pool has lent out meanwhile.
/// Results stand in tensors that the work was given, not in ones that it made.
class StepGraph {
 public:
  /// `counters`: numbers on the host that the work moves on by as much in every step.
  explicit StepGraph(Device device, std::vector<std::int64_t*> counters = {});

  /// Does `work`, which points to memory at `addresses` beside its own: where these are others than
  /// in the step before, or null, it may be other work. Throws NotRecorded, with none of it done.
  void run(const std::function<void()>& work, const std::vector<const void*>& addresses = {});

  /// Forgets what was recorded: the work is another from now on.
  void forget();

 private:
  bool moved(const std::vector<const void*>& addresses) const;
  void record(const std::function<void()>& work);

  Device device_;
  std::vector<std::int64_t*> counters_;
  std::vector<std::int64_t> counts_;  // by which a step moves the counters on
  std::vector<const void*> addresses_;
  std::uint64_t times_freed_ = 0;
  int settled_ = 0;                   // steps since something moved
  std::optional<Pool::Claim> claim_;  // to the memory of the work
  kernels::Graph graph_;
};

}  // namespace engine
