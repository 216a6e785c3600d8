// SPDX-License-Identifier: MIT
#include "kernels/runtime/graph.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/context.h"
#include "kernels/runtime/launch_counts.h"

namespace kernels {
namespace {

struct Destroy {
  void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
};

/// From its making to end() the context's stream records instead of running. Only this thread may
/// do nothing meanwhile that a recording would miss, such as to allocate; CUDA refuses it.
class Recording {
 public:
  Recording() {
    check(cudaStreamBeginCapture(context().stream(), cudaStreamCaptureModeThreadLocal));
    context().set_recording(true);
  }
  ~Recording() {
    if (!context().recording()) return;
    try_end();
    cudaGetLastError();  // what ended it early has been told
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  std::unique_ptr<CUgraph_st, Destroy> end() {
    const cudaError_t status = try_end();
    check(status);
    return std::move(graph_);
  }

 private:
  cudaError_t try_end() {
    context().set_recording(false);
    cudaGraph_t graph = nullptr;
    const cudaError_t status = cudaStreamEndCapture(context().stream(), &graph);
    graph_.reset(graph);
    return status;
  }

  std::unique_ptr<CUgraph_st, Destroy> graph_;
};

}  // namespace

bool records_graphs(Cuda) { return !context().synchronous(); }

void* record_graph(Cuda, const std::function<void()>& work) {
  Recording recording;
  work();
  const auto graph = recording.end();
  cudaGraphExec_t executable = nullptr;
  check(cudaGraphInstantiate(&executable, graph.get(), 0));
  return executable;
}

void launch_graph(Cuda, void* graph) {
  check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), context().stream()));
  count_launch(Cuda{}, &LaunchCounts::graphs);
}

// It may be running.
void free_graph(Cuda, void* graph) noexcept {
  cudaStreamSynchronize(context().stream());
  cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph));
}

}  // namespace kernels
