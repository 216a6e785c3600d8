// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <functional>

namespace cuda_on_host {

/// Queues work in a stream (null: the default one). It runs with access to device memory: at once,
/// or with lazy streams when something waits for it. Stand-ins for libraries queue theirs here too.
cudaError_t enqueue(cudaStream_t, std::function<void()> work);

/// Whether the handle is a stream, which may be the default one; if not, says so in a report.
bool is_stream(cudaStream_t);

/// Runs all that is queued in every stream.
void run_all_streams();

}  // namespace cuda_on_host
