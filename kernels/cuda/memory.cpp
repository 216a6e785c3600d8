// SPDX-License-Identifier: MIT
#include "kernels/runtime/memory.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/context.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/large_data.h"
#include "kernels/runtime/launch_counts.h"

namespace kernels {
namespace {

/// Page-locked, so that the GPU copies the bytes by itself when the stream comes to it.
class PinnedBuffer : public HostBuffer {
 public:
  explicit PinnedBuffer(std::size_t bytes) {
    context();
    void* at = nullptr;
    const cudaError_t status = cudaMallocHost(&at, bytes);
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      throw OutOfMemory(
          fmt::format("out of memory: {} MiB of page-locked memory were asked for", bytes >> 20));
    }
    check(status);
    data_ = static_cast<std::uint8_t*>(at);
    check(cudaEventCreateWithFlags(&copied_, cudaEventDisableTiming));
  }
  ~PinnedBuffer() override {  // a failure here is the aftermath of one that has been reported
    if (copied_ != nullptr) cudaEventSynchronize(copied_);
    cudaEventDestroy(copied_);
    cudaFreeHost(data_);
  }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;

  void send(void* to, std::size_t bytes) override {
    queue(to, data_, bytes, cudaMemcpyHostToDevice);
  }
  void fetch(const void* from, std::size_t bytes) override {
    queue(data_, from, bytes, cudaMemcpyDeviceToHost);
  }
  void wait() override { check(cudaEventSynchronize(copied_)); }

 private:
  void queue(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    const cudaStream_t stream = context().stream();
    check(cudaMemcpyAsync(to, from, bytes, kind, stream));
    check(cudaEventRecord(copied_, stream));
    count_launch(Cuda{}, &LaunchCounts::copies);
  }

  cudaEvent_t copied_ = nullptr;
};

}  // namespace

void* raw_alloc(Cuda, std::size_t bytes) {
  context();
  void* at = nullptr;
  const cudaError_t status = cudaMalloc(&at, bytes > 0 ? bytes : 1);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // later calls are not the ones that failed
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total));
    throw OutOfMemory(fmt::format(
        "out of memory: {} MiB were asked for, {} of the GPU's {} MiB are free; a smaller "
        "batch or network needs less",
        (bytes + (std::size_t{1} << 20) - 1) >> 20, free >> 20, total >> 20));
  }
  check(status);
  return at;
}

// A failure here is the aftermath of one that has been reported: nothing can be done about it.
void raw_free(Cuda, void* at) noexcept { cudaFree(at); }

double free_memory(Cuda) {
  context();
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total));
  return double(free);
}

void copy(Cuda, void* to, Device to_device, const void* from, Device from_device,
          std::size_t bytes) {
  const cudaMemcpyKind kind = to_device == Device::cpu     ? cudaMemcpyDeviceToHost
                              : from_device == Device::cpu ? cudaMemcpyHostToDevice
                                                           : cudaMemcpyDeviceToDevice;
  const cudaStream_t stream = context().stream();
  check(cudaMemcpyAsync(to, from, bytes, kind, stream));
  count_launch(Cuda{}, &LaunchCounts::copies);
  // The driver may read the host's bytes after the call has returned, or before: to wait is the one
  // way to know. Steps of training copy none.
  if (kind != cudaMemcpyDeviceToDevice) check(cudaStreamSynchronize(stream));
}

std::unique_ptr<HostBuffer> make_host_buffer(Cuda, std::size_t bytes) {
  return std::make_unique<PinnedBuffer>(bytes);
}

void fill_bytes(Cuda, void* at, int value, std::size_t bytes) {
  check(cudaMemsetAsync(at, value, bytes, context().stream()));
  count_launch(Cuda{}, &LaunchCounts::copies);
}

void synchronize(Cuda) { check(cudaStreamSynchronize(context().stream())); }

}  // namespace kernels
