// SPDX-License-Identifier: MIT
#include "engine/step_graph.h"

#include <utility>

#include "kernels/runtime/memory.h"

namespace engine {

namespace {
constexpr int steps_to_settle = 2;
}

StepGraph::StepGraph(Device device, std::vector<std::int64_t*> counters)
    : device_(device), counters_(std::move(counters)) {}

void StepGraph::forget() {
  graph_.reset();
  claim_.reset();
  settled_ = 0;
}

bool StepGraph::moved(const std::vector<const void*>& addresses) const {
  return addresses != addresses_ || kernels::times_freed(device_) != times_freed_ ||
         (claim_ && claim_->lent());
}

void StepGraph::record(const std::function<void()>& work) {
  counts_.clear();
  for (const std::int64_t* counter : counters_) counts_.push_back(-*counter);
  claim_.emplace(pool(device_));
  try {
    graph_ = kernels::record_graph(work);
  } catch (const kernels::Error& e) {
    forget();
    for (std::size_t i = 0; i < counters_.size(); ++i) *counters_[i] = -counts_[i];
    throw NotRecorded(e.what());
  } catch (...) {
    forget();
    throw;
  }
  claim_->complete();
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    counts_[i] += *counters_[i];
    *counters_[i] -= counts_[i];
  }
}

void StepGraph::run(const std::function<void()>& work, const std::vector<const void*>& addresses) {
  if (!kernels::records_graphs(device_)) return work();
  if (moved(addresses)) {
    forget();
    addresses_ = addresses;
  }
  if (settled_ < steps_to_settle) {
    work();
    times_freed_ = kernels::times_freed(device_);  // work space may have grown
    ++settled_;
    return;
  }
  if (!graph_) record(work);
  kernels::launch_graph(graph_);
  for (std::size_t i = 0; i < counters_.size(); ++i) *counters_[i] += counts_[i];
}

}  // namespace engine
