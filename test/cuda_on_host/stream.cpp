// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/stream.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/capture.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/cuda_on_host/memory.h"

// The toolkit leaves both incomplete, so they can be what we need.
struct CUstream_st {
  std::deque<std::function<void()>> queue;
  std::uint64_t queued = 0, done = 0;  // pieces of work so far
  bool blocking = true;                // ordered with the default stream
  bool destroyed = false;
};

struct CUevent_st {
  cudaStream_t stream = nullptr;  // null: never recorded
  std::uint64_t position = 0;     // done once the stream has done so many
  cuda_on_host::CapturedEvent captured;
  // When that was. Shared with the piece of work that sets it, which may outlive the event.
  std::shared_ptr<std::chrono::steady_clock::time_point> time;
};

namespace cuda_on_host {
namespace {

// Never freed: an event may outlive its stream.
std::vector<std::unique_ptr<CUstream_st>>& streams() {
  static std::vector<std::unique_ptr<CUstream_st>> all;
  return all;
}

CUstream_st& default_stream() {
  static CUstream_st only;
  return only;
}

// Null for a handle that is none.
CUstream_st* resolve(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy) return &default_stream();
  for (const auto& stream : streams())
    if (stream.get() == handle && !stream->destroyed) return handle;
  bad_call("not a stream, or one that was destroyed", cudaErrorInvalidResourceHandle);
  return nullptr;
}

void run_until(CUstream_st& stream, std::uint64_t position) {
  const DeviceAccess access;
  while (stream.done < position && !stream.queue.empty()) {
    const std::function<void()> work = std::move(stream.queue.front());
    stream.queue.pop_front();
    ++stream.done;
    if (!device_failed()) work();  // a device that failed does nothing any more
  }
}

void run(CUstream_st& stream) { run_until(stream, stream.queued); }

void append(CUstream_st& stream, std::function<void()> work) {
  stream.queue.push_back(std::move(work));
  ++stream.queued;
}

// The default stream waits for all blocking ones, and they for it.
void append_order(CUstream_st& stream) {
  const auto wait_for = [&](CUstream_st& other) {
    if (!other.queue.empty())
      append(stream, [&other, position = other.queued] { run_until(other, position); });
  };
  if (&stream != &default_stream()) {
    if (stream.blocking) wait_for(default_stream());
    return;
  }
  for (const auto& other : streams())
    if (other->blocking) wait_for(*other);
}

}  // namespace

bool is_stream(cudaStream_t handle) { return resolve(handle) != nullptr; }

cudaError_t enqueue(cudaStream_t handle, std::function<void()> work) {
  CUstream_st* stream = resolve(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (is_capturing(stream)) return capture(handle, std::move(work));
  // The default stream waits for all blocking ones, which one that is captured cannot grant.
  if (stream == &default_stream()) {
    for (const auto& other : streams())
      if (other->blocking && is_capturing(other.get()))
        return refuse_wait("the default stream waits", other.get());
  }
  append_order(*stream);
  append(*stream, std::move(work));
  const bool overtakes =
      options().overtaking_streams && !streams().empty() && stream != streams().front().get();
  if (!options().lazy_streams || overtakes) run(*stream);
  return cudaSuccess;
}

void run_all_streams() {
  run(default_stream());
  for (const auto& stream : streams()) run(*stream);
}

}  // namespace cuda_on_host

using namespace cuda_on_host;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* handle, unsigned flags) {
  const ApiCall call;
  *handle = nullptr;
  if (const cudaError_t status = machine_status(); status != cudaSuccess) return outcome(status);
  streams().push_back(std::make_unique<CUstream_st>());
  streams().back()->blocking = flags != cudaStreamNonBlocking;
  *handle = streams().back().get();
  return outcome(cudaSuccess);
}

cudaError_t cudaStreamCreate(cudaStream_t* handle) { return cudaStreamCreateWithFlags(handle, 0); }

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  const ApiCall call;
  CUstream_st* stream = resolve(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (const auto refused = refuse_wait("cudaStreamDestroy", stream); refused != cudaSuccess)
    return refused;
  run(*stream);
  stream->destroyed = true;
  return outcome(cudaSuccess);
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  const ApiCall call;
  ++statistics().waits;
  CUstream_st* stream = resolve(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (const auto refused = refuse_wait("cudaStreamSynchronize", stream); refused != cudaSuccess)
    return refused;
  if (stream == &default_stream()) append_order(*stream);
  run(*stream);
  return outcome(cudaSuccess);
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  const ApiCall call;
  CUstream_st* stream = resolve(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (const auto refused = refuse_wait("cudaStreamQuery", stream); refused != cudaSuccess)
    return refused;
  run_until(*stream, stream->done + 1);  // who asks in a loop gets an answer in the end
  return stream->queue.empty() ? outcome(cudaSuccess) : cudaErrorNotReady;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
  const ApiCall call;
  if (resolve(handle) == nullptr) return cudaErrorInvalidResourceHandle;
  if (is_capturing(handle) || event->captured.capture != 0)
    return capture_wait(handle, event->captured);
  if (event->stream == nullptr) return outcome(cudaSuccess);
  CUstream_st* recorded = event->stream;
  return outcome(
      enqueue(handle, [recorded, position = event->position] { run_until(*recorded, position); }));
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  const ApiCall call;
  *event = new CUevent_st;
  return outcome(machine_status());
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, 0); }

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const ApiCall call;
  delete event;
  return outcome(cudaSuccess);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  const ApiCall call;
  CUstream_st* stream = resolve(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  event->captured = is_capturing(handle) ? captured_event(handle) : CapturedEvent{};
  if (is_capturing(handle)) return outcome(cudaSuccess);
  event->stream = stream;
  event->position = stream->queued + 1;
  event->time = std::make_shared<std::chrono::steady_clock::time_point>();
  append(*stream, [time = event->time] { *time = std::chrono::steady_clock::now(); });
  if (!options().lazy_streams) run(*stream);
  return outcome(cudaSuccess);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const ApiCall call;
  ++statistics().waits;
  if (event->stream != nullptr) run_until(*event->stream, event->position);
  return outcome(cudaSuccess);
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const ApiCall call;
  if (event->stream == nullptr) return outcome(cudaSuccess);
  run_until(*event->stream, std::min(event->stream->done + 1, event->position));
  return event->stream->done >= event->position ? outcome(cudaSuccess) : cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  const ApiCall call;
  if (start->stream == nullptr || end->stream == nullptr)
    return bad_call("time between events that were not recorded", cudaErrorInvalidResourceHandle);
  if (start->stream->done < start->position || end->stream->done < end->position)
    return cudaErrorNotReady;
  *milliseconds = std::chrono::duration<float, std::milli>(*end->time - *start->time).count();
  return outcome(cudaSuccess);
}
