// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <functional>

/// Work that is captured into a graph instead of being queued: from one stream at a time. What CUDA
/// refuses meanwhile is refused here, with a report, and makes the capture invalid.
namespace cuda_on_host {

bool is_capturing(cudaStream_t);

/// Adds a piece of work to the graph.
cudaError_t capture(std::function<void()> work);

/// For calls that act at once and so are missed by a capture, as allocations are: refuses them to
/// the thread that captures, unless it does so in relaxed mode. cudaSuccess if the call may go on.
cudaError_t refuse_unsafe(const char* call);

/// For calls that wait for a stream, or ask whether it is done; null means all streams.
cudaError_t refuse_wait(const char* call, cudaStream_t);

/// For what is not done here at all while a stream captures, though CUDA may do it.
cudaError_t refuse_captured(const char* what);

}  // namespace cuda_on_host
