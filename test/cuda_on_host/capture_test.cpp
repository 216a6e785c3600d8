// SPDX-License-Identifier: MIT
// What CUDA refuses while a stream is captured, its stand-in refuses too.
#include <cuda_runtime_api.h>

#include <functional>
#include <thread>

#include "kernels/cuda/context.h"
#include "kernels/elementwise.h"
#include "kernels/matmul.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/graph.h"
#include "kernels/runtime/memory.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/support.h"

using Catch::Matchers::Contains;
using kernels::Cuda;
using test::Device;
using test::DeviceArray;

namespace {

/// A stream that is captured while `during` is called; what that returned, and the end.
struct Outcome {
  cudaError_t call = cudaSuccess, end = cudaSuccess;
  std::size_t reports = 0;
};

Outcome capture(const std::function<cudaError_t(cudaStream_t)>& during,
                cudaStreamCaptureMode mode = cudaStreamCaptureModeThreadLocal,
                unsigned flags = cudaStreamNonBlocking) {
  cudaStream_t stream = nullptr;
  cudaStreamCreateWithFlags(&stream, flags);
  REQUIRE(cudaStreamBeginCapture(stream, mode) == cudaSuccess);
  Outcome outcome;
  outcome.call = during(stream);
  cudaGraph_t graph = nullptr;
  outcome.end = cudaStreamEndCapture(stream, &graph);
  CHECK((graph == nullptr) == (outcome.end != cudaSuccess));
  cudaGraphDestroy(graph);
  cudaStreamDestroy(stream);
  outcome.reports = cuda_on_host::take_reports().size();
  cudaGetLastError();
  return outcome;
}

void expect_refused(const Outcome& outcome) {
  CHECK(outcome.call == cudaErrorStreamCaptureUnsupported);
  CHECK(outcome.end == cudaErrorStreamCaptureInvalidated);
  CHECK(outcome.reports == 1);
}

}  // namespace

TEST_CASE("capture: calls that act at once or wait are refused, and spoil it") {
  void* memory = nullptr;
  REQUIRE(cudaMalloc(&memory, 64) == cudaSuccess);
  cudaEvent_t event = nullptr;
  cudaEventCreate(&event);
  char pageable[64];
  void* at = nullptr;
  expect_refused(capture([&](auto) { return cudaMalloc(&at, 64); }));
  expect_refused(capture([&](auto) { return cudaFree(memory); }));
  expect_refused(capture([&](auto) { return cudaMallocHost(&at, 64); }));
  expect_refused(capture([](auto stream) { return cudaStreamSynchronize(stream); }));
  expect_refused(capture([](auto stream) { return cudaStreamQuery(stream); }));
  expect_refused(capture([](auto stream) { return cudaStreamDestroy(stream); }));
  expect_refused(capture([](auto) { return cudaDeviceSynchronize(); }));
  // Of what is not captured a capture can wait for nothing.
  cudaEventRecord(event, nullptr);
  const Outcome outside =
      capture([&](auto stream) { return cudaStreamWaitEvent(stream, event, 0); });
  CHECK(outside.call == cudaErrorStreamCaptureIsolation);
  CHECK(outside.end == cudaErrorStreamCaptureInvalidated);
  CHECK(outside.reports == 1);
  for (const auto kind : {cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost})
    expect_refused(capture([&](auto stream) {
      const bool up = kind == cudaMemcpyHostToDevice;
      return cudaMemcpyAsync(up ? memory : pageable, up ? pageable : memory, 64, kind, stream);
    }));
  // The default stream waits for streams that block.
  expect_refused(capture([&](auto) { return cudaMemsetAsync(memory, 0, 64, nullptr); },
                         cudaStreamCaptureModeThreadLocal, cudaStreamDefault));
  cudaEventDestroy(event);
  cudaFree(memory);
}

TEST_CASE("capture: other streams, other threads and relaxed mode may") {
  void* memory = nullptr;
  cudaStream_t other = nullptr;
  cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
  const auto expect_fine = [](const Outcome& outcome) {
    CHECK(outcome.call == cudaSuccess);
    CHECK(outcome.end == cudaSuccess);
    CHECK(outcome.reports == 0);
  };
  expect_fine(capture([&](auto) { return cudaMalloc(&memory, 64); }, cudaStreamCaptureModeRelaxed));
  expect_fine(capture([&](auto) { return cudaStreamSynchronize(other); }));
  expect_fine(capture([&](auto) { return cudaMemsetAsync(memory, 0, 64, nullptr); }));
  expect_fine(capture([&](auto) {
    cudaError_t status = cudaSuccess;
    std::thread([&] { status = cudaFree(memory); }).join();
    return status;
  }));
  const Outcome wrong_end = capture([](auto stream) {
    cudaError_t status = cudaSuccess;
    cudaGraph_t graph = nullptr;
    std::thread([&] { status = cudaStreamEndCapture(stream, &graph); }).join();
    return status;
  });
  CHECK(wrong_end.call == cudaErrorStreamCaptureWrongThread);
  cudaStreamDestroy(other);
}

TEST_CASE("capture: work is done when the graph is launched, as often, and not before") {
  const DeviceArray<float> x(Device::cuda, std::vector<float>{1});
  float* const at = x.data();
  kernels::Graph graph = kernels::record_graph([&] {
    run(Cuda{}, kernels::Add{.a = at, .b = at, .y = at, .size = 1});
    kernels::fill_bytes(Device::cuda, nullptr, 0, 0);
    run(Cuda{}, kernels::Add{.a = at, .b = at, .y = at, .size = 1});
  });
  CHECK(x.host()[0] == 1);
  launch_graph(graph);
  CHECK(x.host()[0] == 4);
  launch_graph(graph);
  launch_graph(graph);
  graph = nullptr;  // what was launched is done
  CHECK(x.host()[0] == 64);
}

TEST_CASE("capture: another stream takes part from where it waits to where it is waited for") {
  const DeviceArray<float> x(Device::cuda, std::vector<float>{1}),
      y(Device::cuda, std::vector<float>{1});
  float *const a = x.data(), *const b = y.data();
  cudaStream_t side = nullptr;
  cudaStreamCreateWithFlags(&side, cudaStreamNonBlocking);
  cudaEvent_t before = nullptr, after = nullptr;
  cudaEventCreate(&before);
  cudaEventCreate(&after);
  const cudaStream_t main = kernels::context().stream();
  const auto twice = [](float* at) {
    run(Cuda{}, kernels::Add{.a = at, .b = at, .y = at, .size = 1});
  };
  const auto record = [&](bool waits) {
    return kernels::record_graph([&] {
      twice(a);
      cudaEventRecord(before, main);
      cudaStreamWaitEvent(side, before, 0);
      cudaStreamCaptureStatus status{};
      cudaStreamIsCapturing(side, &status);
      CHECK(status == cudaStreamCaptureStatusActive);
      cudaMemcpyAsync(b, a, 4, cudaMemcpyDeviceToDevice, side);
      cudaEventRecord(after, side);
      twice(a);
      if (waits) cudaStreamWaitEvent(main, after, 0);
      twice(b);
    });
  };
  {
    // What nothing holds back comes as late as it may, which here is after the second doubling.
    const kernels::Graph graph = record(true);
    CHECK(x.host()[0] == 1);
    launch_graph(graph);
    CHECK(x.host()[0] == 4);
    CHECK(y.host()[0] == 8);
    cudaStreamCaptureStatus status{};
    cudaStreamIsCapturing(side, &status);
    CHECK(status == cudaStreamCaptureStatusNone);
  }
  std::string message;
  try {
    record(false);
  } catch (const kernels::Error& e) {
    message = e.what();
  }
  CHECK_THAT(message, Contains("fork that was not joined"));
  CHECK(cuda_on_host::take_reports().size() == 1);
  cudaEventDestroy(before);
  cudaEventDestroy(after);
  cudaStreamDestroy(side);
}

TEST_CASE("capture: what a step may not do is an error, and later work is none the worse") {
  const DeviceArray<float> x(Device::cuda, std::vector<float>{1});
  const auto refusal = [](const std::function<void()>& work) {
    std::string message;
    try {
      kernels::record_graph(work);
    } catch (const kernels::Error& e) {
      message = e.what();
    }
    CHECK(cuda_on_host::take_reports().size() == 1);
    return message;
  };
  CHECK_THAT(refusal([] { kernels::synchronize(Device::cuda); }),
             Contains("operation not permitted when stream is capturing"));
  CHECK_THAT(refusal([&] { x.host(); }), Contains("not permitted when stream is capturing"));
  CHECK_THAT(refusal([] { kernels::raw_alloc(Device::cuda, 64); }),
             Contains("not permitted when stream is capturing"));
  CHECK(x.host()[0] == 1);
}
