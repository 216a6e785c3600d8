// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/stream.h"

namespace {

/// A piece of work, or, without any, a wait for so many pieces of another stream.
struct Piece {
  std::function<void()> work;
  std::size_t stream = 0, position = 0;
};
using Work = std::vector<std::vector<Piece>>;  // by stream; the first is where it began

}  // namespace

// The toolkit leaves both incomplete.
struct CUgraph_st {
  Work work{1};
};
struct CUgraphExec_st {
  std::shared_ptr<const Work> work;  // may be queued when the handle is gone
};

namespace cuda_on_host {
namespace {

struct Capture {
  std::vector<cudaStream_t> streams;
  cudaStreamCaptureMode mode;
  std::thread::id thread;
  unsigned number;
  bool valid = true;
  CUgraph_st graph{};

  /// The place of a stream among them; their number if it is none.
  std::size_t find(cudaStream_t stream) const {
    return std::size_t(std::find(streams.begin(), streams.end(), stream) - streams.begin());
  }
};

std::unique_ptr<Capture>& current() {
  static std::unique_ptr<Capture> only;
  return only;
}

cudaError_t refuse(const std::string& why, cudaError_t status) {
  current()->valid = false;
  return bad_call(why, status);
}

/// Calls `each` for the pieces of a stream up to a place. What others do comes as late as it may,
/// so that a wait that is missing is found.
template <class Each>
void walk(const Work& work, std::vector<std::size_t>& done, std::size_t stream,
          std::size_t position, const Each& each) {
  while (done[stream] < position) {
    const Piece& piece = work[stream][done[stream]++];
    if (piece.work)
      each(piece);
    else
      walk(work, done, piece.stream, piece.position, each);
  }
}

}  // namespace

bool is_capturing(cudaStream_t stream) {
  return current() && current()->find(stream) < current()->streams.size();
}

cudaError_t capture(cudaStream_t stream, std::function<void()> work) {
  if (!current()->valid) return outcome(cudaErrorStreamCaptureInvalidated);
  current()->graph.work[current()->find(stream)].push_back({std::move(work)});
  return outcome(cudaSuccess);
}

CapturedEvent captured_event(cudaStream_t stream) {
  const std::size_t at = current()->find(stream);
  return {current()->number, at, current()->graph.work[at].size()};
}

cudaError_t capture_wait(cudaStream_t stream, const CapturedEvent& event) {
  if (!current() || event.capture != current()->number) {
    const char* what = "a wait in a capture for an event outside, or outside for one of a capture";
    return current() ? refuse(what, cudaErrorStreamCaptureIsolation)
                     : bad_call(what, cudaErrorStreamCaptureIsolation);
  }
  if (!current()->valid) return outcome(cudaErrorStreamCaptureInvalidated);
  const std::size_t at = current()->find(stream);
  if (at == current()->streams.size()) {
    current()->streams.push_back(stream);
    current()->graph.work.emplace_back();
  }
  if (at != event.stream) current()->graph.work[at].push_back({{}, event.stream, event.position});
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
  if (!current() || (stream != nullptr && !is_capturing(stream))) return cudaSuccess;
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
  static unsigned captures = 0;
  current().reset(new Capture{{stream}, mode, std::this_thread::get_id(), ++captures});
  return outcome(cudaSuccess);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const ApiCall call;
  *graph = nullptr;
  if (!current() || current()->find(stream) != 0)
    return bad_call("no capture began in the stream", cudaErrorIllegalState);
  if (current()->mode != cudaStreamCaptureModeRelaxed &&
      current()->thread != std::this_thread::get_id())
    return refuse("a capture ends in another thread", cudaErrorStreamCaptureWrongThread);
  const std::unique_ptr<Capture> done = std::move(current());
  if (!done->valid) return outcome(cudaErrorStreamCaptureInvalidated);
  const Work& work = done->graph.work;
  std::vector<std::size_t> walked(work.size());
  walk(work, walked, 0, work[0].size(), [](const Piece&) {});
  for (std::size_t i = 0; i < work.size(); ++i)
    if (walked[i] < work[i].size())
      return bad_call("a capture ends before it has waited for all work of another stream",
                      cudaErrorStreamCaptureUnjoined);
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
    std::vector<std::size_t> done(work->size());
    walk(*work, done, 0, work->front().size(), [](const Piece& piece) {
      if (!device_failed()) piece.work();
    });
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
