// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <functional>

/// Work that is captured into a graph instead of being queued: that of one stream, and of those
/// that wait for an event of it meanwhile. What CUDA refuses is refused here, with a report, and
/// makes the capture invalid.
namespace cuda_on_host {

bool is_capturing(cudaStream_t);

/// Adds a piece of work of a stream that is captured to the graph.
cudaError_t capture(cudaStream_t, std::function<void()> work);

/// A place in a stream that is captured: behind so many pieces of its work.
struct CapturedEvent {
  unsigned capture = 0;  // which of all captures; 0: the event is of none
  std::size_t stream = 0, position = 0;
};
CapturedEvent captured_event(cudaStream_t);

/// A stream waits for an event, of which at least one is of the capture: joins it if it is not.
cudaError_t capture_wait(cudaStream_t, const CapturedEvent&);

/// For calls that act at once and so are missed by a capture, as allocations are: refuses them to
/// the thread that captures, unless it does so in relaxed mode. cudaSuccess if the call may go on.
cudaError_t refuse_unsafe(const char* call);

/// For calls that wait for a stream, or ask whether it is done; null means all streams.
cudaError_t refuse_wait(const char* call, cudaStream_t);

/// For what is not done here at all while a stream captures, though CUDA may do it.
cudaError_t refuse_captured(const char* what);

}  // namespace cuda_on_host
