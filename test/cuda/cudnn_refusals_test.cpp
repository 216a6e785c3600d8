// SPDX-License-Identifier: MIT
#include "test/cuda/cudnn_graph.h"
#include "test/support/catch.h"

// What cuDNN refuses to describe. The real library says so without a GPU, so these cases hold its
// stand-in in the CUDA-on-host builds to what the real one does (as of 9.19).
using namespace test;

namespace {

// The hundreds of a status differ between versions.
int category(cudnnStatus_t status) { return CUDNN_STATUS_CATEGORY(status); }

int tensor(const CudnnTensor& t) { return category(t.make().finalize()); }
int convolution(const CudnnConvolution& c) { return category(c.make().finalize()); }
int operation(const CudnnForward& f) { return category(f.make().finalize()); }

constexpr int ok = CUDNN_STATUS_SUCCESS, bad = CUDNN_STATUS_BAD_PARAM;

}  // namespace

TEST_CASE("cuDNN refuses attributes that do not belong to a descriptor") {
  const std::int64_t numbers[] = {1, 2};
  const float real = 1;
  const CudnnDescriptor d(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  const auto set = [&](Name name, cudnnBackendAttributeType_t type, std::int64_t count,
                       const void* values) { return category(d.set(name, type, count, values)); };
  const Name id = CUDNN_ATTR_TENSOR_UNIQUE_ID;
  CHECK(set(id, CUDNN_TYPE_INT64, 1, numbers) == ok);
  CHECK(d.set(id, CUDNN_TYPE_FLOAT, 1, &real) == CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE);
  CHECK(set(id, CUDNN_TYPE_INT64, 2, numbers) == bad);
  CHECK(set(id, CUDNN_TYPE_INT64, 0, numbers) == bad);
  CHECK(set(id, CUDNN_TYPE_INT64, 1, nullptr) == bad);
  CHECK(set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, -1, numbers) == bad);
  CHECK(set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, numbers) == bad);
  CHECK(category(cudnnBackendFinalize(nullptr)) == bad);
  CHECK(category(cudnnBackendDestroyDescriptor(nullptr)) == bad);
  std::int64_t value = 0, count = 0;
  CHECK(cudnnBackendGetAttribute(d.get(), id, CUDNN_TYPE_INT64, 1, &count, &value) ==
        CUDNN_STATUS_NOT_INITIALIZED);  // it is not final
}

TEST_CASE("cuDNN refuses tensors that make no sense") {
  const Numbers size{2, 3, 4, 5}, strides = channels_last(size);
  CHECK(tensor({1, size}) == ok);
  CHECK(tensor({1, size, strides, 4}) == ok);
  CHECK(tensor({1, {}, strides}) == bad);
  CHECK(tensor({1, size, {}}) == bad);
  CHECK(tensor({1, {2, 3, 4}, strides}) == bad);
  CHECK(tensor({1, {-2, 3, 4, 5}, strides}) == bad);
  CHECK(tensor({1, size, {-60, 1, 15, 3}}) == bad);
  CHECK(tensor({1, size, strides, 0}) == bad);
  CHECK(tensor({1, size, strides, 3}) == bad);
  CHECK(tensor({1, size, strides, 2}) == bad);  // a float has 4 bytes
  CHECK(tensor({1, size, strides, 2, CUDNN_DATA_BFLOAT16}) == ok);
  CHECK(tensor({1, size, strides, 1, CUDNN_DATA_BFLOAT16}) == bad);
  CHECK(tensor({1, size, strides, 3, CUDNN_DATA_BFLOAT16}) == bad);
  const CudnnDescriptor twice = CudnnTensor{1, size}.make();
  CHECK(twice.finalize() == CUDNN_STATUS_SUCCESS);
  CHECK(category(twice.finalize()) == bad);
  CHECK(category(twice.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, Numbers{2})) == bad);
}

TEST_CASE("cuDNN refuses convolutions that make no sense") {
  CHECK(convolution({}) == ok);
  CHECK(convolution({.stride = {}}) == bad);
  CHECK(convolution({.dilation = {}}) == bad);
  CHECK(convolution({.dimensions = 0}) == bad);
  CHECK(convolution({.dimensions = 3}) == bad);
  CHECK(convolution({.padding = {-1, 1}}) == bad);
  CHECK(convolution({.stride = {0, 1}}) == bad);
  CHECK(convolution({.stride = {1, 1, 1}}) == bad);
  CHECK(convolution({.dilation = {0, 1}}) == bad);
}

TEST_CASE("cuDNN refuses a convolution whose tensors do not fit") {
  CHECK(operation({}) == ok);
  CHECK(operation({.y = {y_id, {2, 6, 4, 4}}}) == bad);
  CHECK(operation({.y = {y_id, {2, 6, 5, 5}}}) == bad);
  CHECK(operation({.y = {y_id, {1, 6, 4, 5}}}) == bad);
  CHECK(operation({.y = {y_id, {2, 5, 4, 5}}}) == bad);
  CHECK(operation({.w = {w_id, {6, 4, 3, 3}}}) == bad);
  CHECK(operation({.w = {w_id, {6, 3, 9, 9}}}) == bad);
  CHECK(operation({.convolution = {.stride = {2, 2}}}) == bad);
  CHECK(operation({.convolution = {.padding = {0, 0}}}) == bad);
  CHECK(operation({.convolution = {.dilation = {2, 2}}}) == bad);
  CHECK(operation({.convolution = {{1}, {1}, {1}, 1}}) == bad);
  CHECK(operation({.x = {x_id, {2, 3, 4, 5}, {}}}) == bad);  // x cannot be finalised
}

TEST_CASE("cuDNN refuses graphs, heuristics, plans and arguments that lack a part") {
  const CudnnDescriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  CHECK(category(graph.finalize()) == bad);
  CHECK(category(graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, cudnnHandle_t{})) == bad);
  const CudnnDescriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  CHECK(category(heuristics.finalize()) == bad);
  CHECK(category(CudnnDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR).finalize()) == bad);
  const CudnnDescriptor arguments(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  float value = 0;
  arguments.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, Numbers{1, 2, 3});
  arguments.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, std::vector<void*>{&value, &value});
  CHECK(category(arguments.finalize()) == bad);
  CHECK(category(cudnnBackendExecute(nullptr, nullptr, nullptr)) == bad);
  CHECK(category(cudnnCreate(nullptr)) == bad);
  CHECK(category(cudnnSetStream(nullptr, nullptr)) == bad);
}
