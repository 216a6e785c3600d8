// SPDX-License-Identifier: MIT
#pragma once
#include <cuda_runtime_api.h>

#include <cstddef>

namespace kernels {

/// A GPU and the one stream in which all work of the process runs, but for what ranks do together
/// (collective.cpp): what is queued there later sees what was queued before, so nothing else orders
/// anything.
class Context {
 public:
  /// Throws Error if there is no such GPU, or none that this build can use.
  explicit Context(int device);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  cudaStream_t stream() const { return stream_; }
  int device() const { return device_; }
  std::size_t max_shared_bytes() const { return max_shared_bytes_; }  // dynamic, of one block

  /// SOFTLABEL_SYNC=1 in the environment: every launch waits for its kernel, and every call of a
  /// library for its own, so that the one that fails is the one that is named.
  bool synchronous() const { return synchronous_; }

  /// Whether what is queued is recorded for later; see kernels/runtime/graph.h.
  bool recording() const { return recording_; }
  void set_recording(bool yes) { recording_ = yes; }

 private:
  int device_;
  std::size_t max_shared_bytes_ = 0;
  bool synchronous_;
  bool recording_ = false;
  cudaStream_t stream_ = nullptr;
};

/// The context of this process, current for the calling thread; made at the first call, on the GPU
/// of select_gpu, and never destroyed, since the driver may be gone before the last static object
/// is.
Context& context();

}  // namespace kernels
