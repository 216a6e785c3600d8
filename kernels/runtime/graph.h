// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <memory>

#include "kernels/runtime/device.h"

/// Work that a GPU is given once and then repeats at one request: a CUDA graph. Kernels run with
/// the arguments that they were recorded with, so all that these point to has to stay.
namespace kernels {

struct FreeGraph {
  void operator()(void*) const noexcept;
};
using Graph = std::unique_ptr<void, FreeGraph>;

/// Whether work can be recorded: on a GPU, unless SOFTLABEL_SYNC=1 wants to see each kernel end.
bool records_graphs(Device);

/// Calls `work` once, which queues work as usual; none of it is done. What it does on the host is
/// done now, and not when the graph is launched. It must not wait for the device, nor allocate
/// from it, nor copy from or to the host; and what is made at a first use should be there. Throws
/// what `work` throws, or Error if CUDA cannot record it.
Graph record_graph(const std::function<void()>& work);

/// Queues what was recorded.
void launch_graph(const Graph&);

/// What a device brings to the functions above.
bool records_graphs(Cuda);
void* record_graph(Cuda, const std::function<void()>& work);
void launch_graph(Cuda, void*);
void free_graph(Cuda, void*) noexcept;

}  // namespace kernels
