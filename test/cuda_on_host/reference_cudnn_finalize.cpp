// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string>

#include "test/cuda_on_host/reference_cudnn_descriptor.h"

namespace cuda_on_host::cudnn {
namespace {

using Numbers = std::vector<std::int64_t>;

cudnnStatus_t bad(const std::string& why) { return refuse(CUDNN_STATUS_BAD_PARAM, why); }

bool is_channels_last(const Object& tensor) {
  const auto d = tensor.all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto s = tensor.all<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES);
  return d.size() == 4 && s == Numbers{d[1] * d[2] * d[3], 1, d[1] * d[3], d[1]};
}

// Of an element.
std::size_t size_of(cudnnDataType_t type) {
  return type == CUDNN_DATA_DOUBLE ? 8 : type == CUDNN_DATA_FLOAT ? 4 : 2;
}

cudnnStatus_t check_tensor(const Object& t) {
  const auto dimensions = t.all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto strides = t.all<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES);
  const auto positive = [](std::int64_t value) { return value > 0; };
  if (dimensions.size() != strides.size()) return bad("tensor: dimensions and strides differ");
  if (!std::ranges::all_of(dimensions, positive) || !std::ranges::all_of(strides, positive))
    return bad("tensor: dimensions and strides are positive");
  const auto alignment = t.one<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
  if (alignment <= 0 || alignment % std::int64_t(size_of(type_of(t))) != 0)
    return bad("tensor: the alignment is no multiple of the size of an element");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t check_convolution(const Object& c) {
  const auto dimensions = c.one<std::int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS);
  const auto all_at_least = [&](Name name, std::int64_t least) {
    const auto values = c.all<std::int64_t>(name);
    return std::int64_t(values.size()) == dimensions &&
           std::ranges::all_of(values, [=](std::int64_t value) { return value >= least; });
  };
  if (!all_at_least(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, 0) ||
      !all_at_least(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, 0) ||
      !all_at_least(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, 1) ||
      !all_at_least(CUDNN_ATTR_CONVOLUTION_DILATIONS, 1))
    return bad("convolution: a padding, stride or dilation is missing or too small");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t check_operation(const Object& operation) {
  const Operation& names = *find_operation(operation.type);
  const std::array tensors = {operation.part(names.images), operation.part(names.filter),
                              operation.part(names.results)};
  for (const auto& tensor : tensors)
    if (tensor->count(CUDNN_ATTR_TENSOR_DIMENSIONS) != 4)
      return bad("convolution: a tensor has not the four dimensions n, c, h, w");
  const Object& c = *operation.part(names.convolution);
  if (c.one<std::int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS) != 2)
    return bad("convolution: not two spatial dimensions");
  const Convolution o = sizes_of(operation);
  const auto post = c.all<std::int64_t>(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS);
  const auto fits = [&](std::int64_t image, std::int64_t filter, std::int64_t result, int i) {
    const auto room = image + o.padding[i] + post[i] - ((filter - 1) * o.dilation[i] + 1);
    return room >= 0 && result == room / o.stride[i] + 1;
  };
  const auto w = tensors[1]->all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto y = tensors[2]->all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  if (y[0] != o.n || y[1] != o.k || w[1] != o.c || !fits(o.h, o.r, o.p, 0) ||
      !fits(o.w, o.s, o.q, 1))
    return bad("convolution: images, filter and results do not fit each other");
  const auto id = [](const auto& tensor) {
    return tensor->template one<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID);
  };
  if (id(tensors[0]) == id(tensors[1]) || id(tensors[1]) == id(tensors[2]) ||
      id(tensors[0]) == id(tensors[2]))
    return bad("convolution: two tensors have the same id");
  const float beta = operation.one<float>(names.beta);
  if (operation.one<float>(names.alpha) != 1 || (beta != 0 && beta != 1))
    return refuse(CUDNN_STATUS_NOT_SUPPORTED, "convolution: alpha is not 1, or beta not 0 or 1");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t check_heuristics(Object& heuristics) {
  heuristics.graph = heuristics.part(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
  if (!heuristics.graph->has(CUDNN_ATTR_OPERATIONGRAPH_HANDLE) &&
      !heuristics.has(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP))
    return bad("heuristics: neither a handle nor a description of the GPU");
  const Object& operation = *heuristics.graph->part(CUDNN_ATTR_OPERATIONGRAPH_OPS);
  const Operation& names = *find_operation(operation.type);
  const cudnnDataType_t type = type_of(*operation.part(names.images));
  for (const Name name : {names.images, names.filter, names.results}) {
    const Object& tensor = *operation.part(name);
    if (type_of(tensor) != type || (type != CUDNN_DATA_FLOAT && type != CUDNN_DATA_BFLOAT16))
      return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE,
                    "heuristics: the tensors are not all of float or all of bfloat16");
    if (!is_channels_last(tensor))
      return refuse(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "heuristics: a tensor is not channels last");
  }
  const Object& c = *operation.part(names.convolution);
  if (c.one<cudnnDataType_t>(CUDNN_ATTR_CONVOLUTION_COMP_TYPE) != CUDNN_DATA_FLOAT ||
      c.one<cudnnConvolutionMode_t>(CUDNN_ATTR_CONVOLUTION_CONV_MODE) != CUDNN_CROSS_CORRELATION)
    return refuse(CUDNN_STATUS_NOT_SUPPORTED, "heuristics: not a cross-correlation of floats");
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t check_plan(Object& plan) {
  if (plan.has(CUDNN_ATTR_EXECUTION_PLAN_HANDLE) == plan.has(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP))
    return bad("plan: for one of a handle and a description of a GPU");
  const Object& config = *plan.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
  plan.engine = config.engine;
  plan.graph = config.graph;
  if (plan.engine->refuses)
    return refuse(CUDNN_STATUS_NOT_SUPPORTED, "plan: the engine cannot do it after all");
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace

cudnnDataType_t type_of(const Object& tensor) {
  return tensor.one<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE);
}

Convolution sizes_of(const Object& operation) {
  const Operation& names = *find_operation(operation.type);
  const auto x = operation.part(names.images)->all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto w = operation.part(names.filter)->all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto y = operation.part(names.results)->all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const Object& c = *operation.part(names.convolution);
  const auto pair = [&](Name name) {
    const auto values = c.all<std::int64_t>(name);
    return std::array{values.at(0), values.at(1)};
  };
  return {.n = x.at(0),
          .h = x.at(2),
          .w = x.at(3),
          .c = x.at(1),
          .k = w.at(0),
          .r = w.at(2),
          .s = w.at(3),
          .p = y.at(2),
          .q = y.at(3),
          .padding = pair(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS),
          .stride = pair(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES),
          .dilation = pair(CUDNN_ATTR_CONVOLUTION_DILATIONS)};
}

cudnnStatus_t check(Object& object) {
  if (object.finalized) return bad("already finalised");
  if (const cudnnStatus_t status = object.check_complete(); status != CUDNN_STATUS_SUCCESS)
    return status;
  switch (object.type) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR: return check_tensor(object);
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR: return check_convolution(object);
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
      return object.count(CUDNN_ATTR_OPERATIONGRAPH_OPS) == 1
                 ? CUDNN_STATUS_SUCCESS
                 : refuse(CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "graph: not one operation");
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR: return check_heuristics(object);
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR: return check_plan(object);
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
      return object.count(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS) ==
                     object.count(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS)
                 ? CUDNN_STATUS_SUCCESS
                 : bad("variant pack: not as many pointers as ids");
    case CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR: {
      const auto text = object.all<char>(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION);
      return text.front() == '{' && text.back() == '}' && text.size() > 2
                 ? CUDNN_STATUS_SUCCESS
                 : bad("device properties: not a description");
    }
    default:
      return find_operation(object.type) != nullptr
                 ? check_operation(object)
                 : bad("descriptors of this type come from the library");
  }
}

}  // namespace cuda_on_host::cudnn
