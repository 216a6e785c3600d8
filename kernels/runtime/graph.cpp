// SPDX-License-Identifier: MIT
#include "kernels/runtime/graph.h"

#include "kernels/runtime/error.h"
#include "kernels/runtime/run.h"

namespace kernels {

bool records_graphs(Device where) {
  if constexpr (has_cuda) return where == Device::cuda && records_graphs(Cuda{});
  return false;
}

Graph record_graph(const std::function<void()>& work) {
  if constexpr (has_cuda) return Graph(record_graph(Cuda{}, work));
  fail("without CUDA there are no graphs");
}

void launch_graph(const Graph& graph) {
  if constexpr (has_cuda) launch_graph(Cuda{}, graph.get());
}

void FreeGraph::operator()(void* graph) const noexcept {
  if constexpr (has_cuda) free_graph(Cuda{}, graph);
}

}  // namespace kernels
