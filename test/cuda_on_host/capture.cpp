// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/capture.h"

#include <fmt/format.h>

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/stream.h"

using Work = std::vector<std::function<void()>>;

// The toolkit leaves both incomplete.
struct CUgraph_st {
  Work work;
};
struct CUgraphExec_st {
  std::shared_ptr<const Work> work;  // may be queued when the handle is gone
};

namespace cuda_on_host {
namespace {

struct Capture {
  cudaStream_t stream;
  cudaStreamCaptureMode mode;
  std::thread::id thread;
  bool valid = true;
  CUgraph_st graph{};
};

std::unique_ptr<Capture>& current() {
  static std::unique_ptr<Capture> only;
  return only;
}

cudaError_t refuse(const std::string& why, cudaError_t status) {
  current()->valid = false;
  return bad_call(why, status);
}

}  // namespace

bool is_capturing(cudaStream_t stream) { return current() && current()->stream == stream; }

cudaError_t capture(std::function<void()> work) {
  if (!current()->valid) return outcome(cudaErrorStreamCaptureInvalidated);
  current()->graph.work.push_back(std::move(work));
  return outcome(cudaSuccess);
}

cudaError_t refuse_unsafe(const char* call) {
  if (!current() || current()->mode == cudaStreamCaptureModeRelaxed) return cudaSuccess;
  if (current()->mode == cudaStreamCaptureModeThreadLocal &&
      current()->thread != std::this_thread::get_id())
    return cudaSuccess;
  return refuse(fmt::format("{} while a stream is captured", call),
                cudaErrorStreamCaptureUnsupported);
}

cudaError_t refuse_wait(const char* call, cudaStream_t stream) {
  if (!current() || (stream != nullptr && stream != current()->stream)) return cudaSuccess;
  return refuse(fmt::format("{} for a stream that is captured", call),
                cudaErrorStreamCaptureUnsupported);
}

cudaError_t refuse_captured(const char* what) {
  return refuse(fmt::format("{} cannot be captured here", what), cudaErrorStreamCaptureUnsupported);
}

}  // namespace cuda_on_host

using namespace cuda_on_host;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  const ApiCall call;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  if (!options().captures) return outcome(cudaErrorNotSupported);
  if (stream == nullptr || stream == cudaStreamLegacy)
    return bad_call("the default stream cannot be captured", cudaErrorStreamCaptureUnsupported);
  if (!is_stream(stream)) return cudaErrorInvalidResourceHandle;
  if (current()) return bad_call("a stream is captured already", cudaErrorIllegalState);
  current().reset(new Capture{stream, mode, std::this_thread::get_id()});
  return outcome(cudaSuccess);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const ApiCall call;
  *graph = nullptr;
  if (!is_capturing(stream)) return bad_call("the stream is not captured", cudaErrorIllegalState);
  if (current()->mode != cudaStreamCaptureModeRelaxed &&
      current()->thread != std::this_thread::get_id())
    return refuse("a capture ends in another thread", cudaErrorStreamCaptureWrongThread);
  const std::unique_ptr<Capture> done = std::move(current());
  if (!done->valid) return outcome(cudaErrorStreamCaptureInvalidated);
  *graph = new CUgraph_st(std::move(done->graph));
  return outcome(cudaSuccess);
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const ApiCall call;
  *status = !is_capturing(stream) ? cudaStreamCaptureStatusNone
            : !current()->valid   ? cudaStreamCaptureStatusInvalidated
                                  : cudaStreamCaptureStatusActive;
  return outcome(cudaSuccess);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  const ApiCall call;
  *executable = new CUgraphExec_st{std::make_shared<const Work>(graph->work)};
  return outcome(cudaSuccess);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const ApiCall call;
  if (is_capturing(stream)) return refuse_captured("the launch of a graph");
  ++statistics().graph_launches;
  return outcome(enqueue(stream, [work = executable->work] {
    for (const auto& piece : *work)
      if (!device_failed()) piece();
  }));
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const ApiCall call;
  delete graph;
  return outcome(cudaSuccess);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const ApiCall call;
  delete executable;
  return outcome(cudaSuccess);
}
