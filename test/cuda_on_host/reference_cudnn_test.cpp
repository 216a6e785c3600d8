// SPDX-License-Identifier: MIT
#include <cmath>
#include <string>
#include <vector>

#include "kernels/cuda/context.h"
#include "kernels/runtime/bf16.h"
#include "test/cuda/cudnn_graph.h"
#include "test/cuda_on_host/cuda_on_host.h"
#include "test/support/support.h"

// The stand-in for cuDNN, where it computes; its gradients are tested with conv2d.
using namespace test;

namespace {

class Handle {
 public:
  Handle() {
    cudnnCreate(&handle_);
    cudnnSetStream(handle_, kernels::context().stream());
  }
  ~Handle() { cudnnDestroy(handle_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  cudnnHandle_t get() const { return handle_; }

 private:
  cudnnHandle_t handle_ = nullptr;
};

constexpr int coarse_engine = 25, tensor_core_engine = 48, varying_engine = 20,
              refusing_engine = 70, plain_engine = 1, frugal_engine = 0;

// The engines for a convolution on this GPU, and the status of asking for them.
struct Heuristics {
  CudnnDescriptor graph{CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR};
  CudnnDescriptor d{CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR};
  cudnnStatus_t status;

  Heuristics(const CudnnForward& forward, cudnnHandle_t handle, cudnnBackendHeurMode_t mode) {
    const CudnnDescriptor operation = forward.make();
    operation.finalize();
    if (handle != nullptr) graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle);
    graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
    graph.finalize();
    d.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    d.set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
    status = d.finalize();
  }

  std::vector<CudnnDescriptor> configs() const {
    REQUIRE(status == CUDNN_STATUS_SUCCESS);
    const auto type = CUDNN_TYPE_BACKEND_DESCRIPTOR;
    std::int64_t count = 0;
    cudnnBackendGetAttribute(d.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS, type, 0, &count, nullptr);
    std::vector<CudnnDescriptor> all;
    std::vector<cudnnBackendDescriptor_t> addresses;
    for (std::int64_t i = 0; i < count; ++i)
      addresses.push_back(all.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
    std::int64_t filled = 0;
    cudnnBackendGetAttribute(d.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS, type, count, &filled,
                             addresses.data());
    CHECK(filled == count - 1);
    all.pop_back();
    return all;
  }
};

int index_of(const CudnnDescriptor& config) {
  const CudnnDescriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  cudnnBackendDescriptor_t at = engine.get();
  std::int64_t count = 0, index = -1;
  cudnnBackendGetAttribute(config.get(), CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                           1, &count, &at);
  cudnnBackendGetAttribute(engine.get(), CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1,
                           &count, &index);
  return int(index);
}

// A plan by this engine, not final.
CudnnDescriptor plan_by(int engine, const CudnnForward& forward, const Handle& handle) {
  CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK})
    for (const CudnnDescriptor& config : Heuristics(forward, handle.get(), mode).configs())
      if (index_of(config) == engine) plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle.get());
  return plan;
}

std::size_t workspace_bytes(const CudnnDescriptor& plan) {
  std::int64_t bytes = -1, count = 0;
  cudnnBackendGetAttribute(plan.get(), CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64,
                           1, &count, &bytes);
  return std::size_t(bytes);
}

// The arguments of a call, of which everything can be wrong.
struct Arguments {
  Numbers ids{x_id, w_id, y_id};
  std::vector<void*> pointers;
  void* workspace;

  cudnnStatus_t run(const Handle& handle, const CudnnDescriptor& plan) const {
    const CudnnDescriptor d(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    d.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids);
    d.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers);
    d.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, std::vector<void*>{workspace});
    d.finalize();
    return cudnnBackendExecute(handle.get(), plan.get(), d.get());
  }
};

// Arrays for the convolution of CudnnForward.
template <class T>
struct ArraysOf {
  std::vector<T> x = values(2 * 3 * 4 * 5, 1), w = values(6 * 3 * 3 * 3, 2);
  DeviceArray<T> device_x{Device::cuda, x}, device_w{Device::cuda, w};
  DeviceArray<T> y{Device::cuda, 2 * 6 * 4 * 5}, workspace{Device::cuda, 360};

  static std::vector<T> values(std::size_t size, std::uint64_t seed) {
    const std::vector<float> all = random_values(size, -1, 1, seed);
    std::vector<T> rounded;
    for (const float value : all) rounded.push_back(T(value));
    return rounded;
  }

  Arguments arguments() const {
    return {.pointers = {device_x.data(), device_w.data(), y.data()},
            .workspace = workspace.data()};
  }
};
using Arrays = ArraysOf<float>;

CudnnForward in_bf16() {
  CudnnForward forward;
  for (CudnnTensor* tensor : {&forward.x, &forward.w, &forward.y})
    tensor->type = CUDNN_DATA_BFLOAT16;
  return forward;
}

std::string only_report() {
  const auto reports = cuda_on_host::take_reports();
  REQUIRE(reports.size() == 1);
  return name(reports[0].kind);
}

}  // namespace

TEST_CASE("reference cuDNN: strides, padding and dilation that differ in height and width") {
  const Handle handle;
  const CudnnForward forward{
      .y = {y_id, {2, 6, 3, 1}},
      .convolution = {.padding = {2, 1}, .stride = {2, 3}, .dilation = {1, 2}}};
  const Arrays arrays;
  std::vector<double> want(2 * 6 * 3);
  for (int n = 0; n < 2; ++n)
    for (int p = 0; p < 3; ++p)
      for (int k = 0; k < 6; ++k)
        for (int r = 0; r < 3; ++r)
          for (int s = 0; s < 3; ++s)
            for (int c = 0; c < 3; ++c) {
              const int row = 2 * p - 2 + r, column = 2 * s - 1;
              if (row < 0 || row >= 4 || column < 0 || column >= 5) continue;
              want[(n * 3 + p) * 6 + k] += double(arrays.x[((n * 4 + row) * 5 + column) * 3 + c]) *
                                           arrays.w[((k * 3 + r) * 3 + s) * 3 + c];
            }
  const CudnnDescriptor plan = plan_by(plain_engine, forward, handle);
  REQUIRE(plan.finalize() == CUDNN_STATUS_SUCCESS);
  CHECK(arrays.arguments().run(handle, plan) == CUDNN_STATUS_SUCCESS);
  std::vector<float> y = arrays.y.host();
  y.resize(want.size());
  expect_close(y, want, 1e-7, 1e-7);
}

TEST_CASE("reference cuDNN has no engine for what this project does not do") {
  const Handle handle;
  const auto status = [&](const CudnnForward& forward) {
    return Heuristics(forward, handle.get(), CUDNN_HEUR_MODE_A).status;
  };
  CHECK(status({}) == CUDNN_STATUS_SUCCESS);
  CHECK(status({.x = {x_id, {2, 3, 4, 5}, {60, 20, 5, 1}}}) == CUDNN_STATUS_NOT_SUPPORTED_LAYOUT);
  CHECK(status({.w = {w_id, {6, 3, 3, 3}, {27, 9, 3, 1}}}) == CUDNN_STATUS_NOT_SUPPORTED_LAYOUT);
  CHECK(status(in_bf16()) == CUDNN_STATUS_SUCCESS);
  for (const auto type : {CUDNN_DATA_HALF, CUDNN_DATA_BFLOAT16})
    CHECK(status({.y = {.id = y_id, .dimensions = {2, 6, 4, 5}, .type = type}}) ==
          CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE);
  CudnnForward float_filter = in_bf16();
  float_filter.w.type = CUDNN_DATA_FLOAT;
  CHECK(status(float_filter) == CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE);
  CHECK(Heuristics({}, nullptr, CUDNN_HEUR_MODE_A).status == CUDNN_STATUS_BAD_PARAM);
  const CudnnDescriptor same_ids = CudnnForward{.y = {x_id, {2, 6, 4, 5}}}.make();
  CHECK(same_ids.finalize() == CUDNN_STATUS_BAD_PARAM);
  const CudnnDescriptor lacks_handle(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  lacks_handle.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                   Heuristics({}, handle.get(), CUDNN_HEUR_MODE_A).configs()[0]);
  CHECK(lacks_handle.finalize() == CUDNN_STATUS_BAD_PARAM);
}

TEST_CASE("reference cuDNN refuses arguments that do not fit the plan") {
  const Handle handle;
  const Arrays arrays;
  const CudnnDescriptor plan = plan_by(plain_engine, {}, handle);
  CHECK(arrays.arguments().run(handle, plan) == CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED);
  REQUIRE(plan.finalize() == CUDNN_STATUS_SUCCESS);
  CHECK(workspace_bytes(plan) == 360 * sizeof(float));
  CHECK(arrays.arguments().run(handle, plan) == CUDNN_STATUS_SUCCESS);
  const auto status = [&](auto change) {
    Arguments wrong = arrays.arguments();
    change(wrong);
    return wrong.run(handle, plan);
  };
  CHECK(status([](Arguments& a) { a.ids[1] = 7; }) == CUDNN_STATUS_BAD_PARAM);
  CHECK(status([](Arguments& a) { a.pointers[0] = nullptr; }) ==
        CUDNN_STATUS_BAD_PARAM_NULL_POINTER);
  CHECK(status([](Arguments& a) { a.workspace = nullptr; }) == CUDNN_STATUS_BAD_PARAM_NULL_POINTER);
  CHECK(status([&](Arguments& a) { a.pointers[0] = arrays.device_x.data() + 1; }) ==
        CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER);
  CHECK(status([](Arguments& a) {
          a.ids.pop_back();
          a.pointers.pop_back();
        }) == CUDNN_STATUS_BAD_PARAM);
  CHECK(cuda_on_host::take_reports().empty());

  alignas(16) float on_host[360];
  CHECK(status([&](Arguments& a) { a.pointers[1] = on_host; }) == CUDNN_STATUS_EXECUTION_FAILED);
  CHECK(only_report() == "host memory");
  CHECK(status([&](Arguments& a) { a.pointers[2] = arrays.y.data() + 60; }) ==
        CUDNN_STATUS_EXECUTION_FAILED);
  CHECK(only_report() == "out of bounds");
  CHECK(status([&](Arguments& a) { a.workspace = arrays.workspace.data() + 60; }) ==
        CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT);
  CHECK(only_report() == "out of bounds");
  CHECK(status([&](Arguments& a) { a.workspace = on_host; }) ==
        CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT);
  CHECK(only_report() == "host memory");
}

TEST_CASE("reference cuDNN's engines do what their notes say") {
  const Handle handle;
  const Arrays arrays;
  const auto result = [&](int engine) {
    const CudnnDescriptor plan = plan_by(engine, {}, handle);
    REQUIRE(plan.finalize() == CUDNN_STATUS_SUCCESS);
    REQUIRE(arrays.arguments().run(handle, plan) == CUDNN_STATUS_SUCCESS);
    return arrays.y.host();
  };
  const std::vector<float> exact = result(plain_engine);
  CHECK(exact == result(plain_engine));
  CHECK(exact == result(frugal_engine));
  CHECK(exact != result(tensor_core_engine));
  expect_close(result(tensor_core_engine), to_double(exact), 0, 1e-2);
  CHECK(result(varying_engine) != result(varying_engine));
  CHECK(exact != result(coarse_engine));
  expect_close(result(coarse_engine), to_double(exact), 0.04, 0);
  CHECK(plan_by(refusing_engine, {}, handle).finalize() == CUDNN_STATUS_NOT_SUPPORTED);
}

TEST_CASE("reference cuDNN rounds sums of bfloat16 once") {
  const Handle handle;
  const ArraysOf<kernels::bf16> arrays;
  const CudnnForward forward = in_bf16();
  const auto result = [&](int engine) {
    const CudnnDescriptor plan = plan_by(engine, forward, handle);
    REQUIRE(plan.finalize() == CUDNN_STATUS_SUCCESS);
    REQUIRE(arrays.arguments().run(handle, plan) == CUDNN_STATUS_SUCCESS);
    const std::vector<kernels::bf16> y = arrays.y.host();
    return std::vector<float>(y.begin(), y.end());
  };
  std::vector<double> want(2 * 4 * 5 * 6);
  for (int i = 0; i < int(want.size()); ++i)
    for (int r = 0; r < 3; ++r)
      for (int s = 0; s < 3; ++s)
        for (int c = 0; c < 3; ++c) {
          const int k = i % 6, column = i / 6 % 5 - 1 + s, row = i / 30 % 4 - 1 + r, n = i / 120;
          if (row < 0 || row >= 4 || column < 0 || column >= 5) continue;
          want[i] += double(arrays.x[((n * 4 + row) * 5 + column) * 3 + c]) *
                     arrays.w[((k * 3 + r) * 3 + s) * 3 + c];
        }
  constexpr double half_a_step = 1.0 / 256;
  expect_close(result(plain_engine), want, half_a_step, 0);
  CHECK(result(tensor_core_engine) == result(plain_engine));
  CHECK(result(coarse_engine) != result(plain_engine));
  CHECK(result(varying_engine) != result(varying_engine));
}

TEST_CASE("reference cuDNN has no tensor cores for bfloat16 that is not aligned to 16 bytes") {
  const Handle handle;
  CudnnForward forward = in_bf16();
  forward.w.alignment = 2;
  CHECK(Heuristics(forward, handle.get(), CUDNN_HEUR_MODE_A).configs().empty());
  const CudnnDescriptor plan = plan_by(frugal_engine, forward, handle);
  REQUIRE(plan.finalize() == CUDNN_STATUS_SUCCESS);
  const ArraysOf<kernels::bf16> arrays;
  Arguments shifted = arrays.arguments();
  shifted.pointers[1] = arrays.device_w.data() + 1;
  CHECK(shifted.run(handle, plan) == CUDNN_STATUS_EXECUTION_FAILED);  // one more than there are
  CHECK(only_report() == "out of bounds");
}

TEST_CASE("reference cuDNN spoils its work space, and results that overlap an image") {
  const Handle handle;
  const Arrays arrays;
  const CudnnDescriptor plan = plan_by(plain_engine, {}, handle);
  plan.finalize();
  kernels::fill_bytes(Device::cuda, arrays.workspace.data(), 0, 360 * sizeof(float));
  CHECK(arrays.arguments().run(handle, plan) == CUDNN_STATUS_SUCCESS);
  CHECK(std::isnan(arrays.workspace.host()[0]));
  CHECK(std::isnan(arrays.workspace.host()[359]));
  Arguments overlapping = arrays.arguments();
  overlapping.pointers[0] = overlapping.pointers[2];
  CHECK(overlapping.run(handle, plan) == CUDNN_STATUS_SUCCESS);
  CHECK(std::isnan(arrays.y.host()[0]));
}
