// SPDX-License-Identifier: MIT
#include "test/cuda_on_host/reference_cudnn_descriptor.h"

#include <algorithm>
#include <utility>

namespace cuda_on_host::cudnn {
namespace {

thread_local std::string refusal;

std::map<cudnnBackendDescriptor_t, std::shared_ptr<Object>>& living() {
  static std::map<cudnnBackendDescriptor_t, std::shared_ptr<Object>> all;
  return all;
}

const std::vector<Operation> operations = {
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA}};

// An attribute that a program may set.
struct Rule {
  cudnnBackendDescriptorType_t owner;
  Name name;
  cudnnBackendAttributeType_t type;
  std::int64_t least, most;  // how many values
  bool needed = true;
  cudnnBackendDescriptorType_t part = CUDNN_BACKEND_TENSOR_DESCRIPTOR;  // where values are these
};

constexpr std::int64_t any_number = 1 << 20;

std::vector<Rule> make_rules() {
  const auto tensor = CUDNN_BACKEND_TENSOR_DESCRIPTOR;
  const auto convolution = CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR;
  const auto graph = CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR;
  const auto heuristics = CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR;
  const auto plan = CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR;
  const auto pack = CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR;
  const auto properties = CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR;
  const auto number = CUDNN_TYPE_INT64, descriptor = CUDNN_TYPE_BACKEND_DESCRIPTOR;
  std::vector<Rule> rules = {
      {tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, number, 1, 1},
      {tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, 1},
      {tensor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, number, 1, 1},
      {tensor, CUDNN_ATTR_TENSOR_DIMENSIONS, number, 1, CUDNN_DIM_MAX},
      {tensor, CUDNN_ATTR_TENSOR_STRIDES, number, 1, CUDNN_DIM_MAX},
      {convolution, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, 1},
      {convolution, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, 1},
      {convolution, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, number, 1, 1},
      {convolution, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, number, 1, CUDNN_DIM_MAX},
      {convolution, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, number, 1, CUDNN_DIM_MAX},
      {convolution, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, number, 1, CUDNN_DIM_MAX},
      {convolution, CUDNN_ATTR_CONVOLUTION_DILATIONS, number, 1, CUDNN_DIM_MAX},
      {graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, descriptor, 1, any_number},
      {graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, 1, false},
      {heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, descriptor, 1, 1, true, graph},
      {heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, 1},
      {heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, descriptor, 1, 1, false, properties},
      {plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, descriptor, 1, 1, true,
       CUDNN_BACKEND_ENGINECFG_DESCRIPTOR},
      {plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, 1, false},
      {plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, descriptor, 1, 1, false, properties},
      {pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, number, 1, any_number},
      {pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, 1, any_number},
      {pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, 1},
      {properties, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, 1, any_number},
  };
  for (const Operation& o : operations) {
    for (const Name name : {o.images, o.filter, o.results})
      rules.push_back({o.type, name, descriptor, 1, 1});
    rules.push_back({o.type, o.convolution, descriptor, 1, 1, true, convolution});
    for (const Name name : {o.alpha, o.beta})
      rules.push_back({o.type, name, CUDNN_TYPE_FLOAT, 1, 1});
  }
  return rules;
}

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = make_rules();
  return all;
}

std::size_t size_of(cudnnBackendAttributeType_t type) {
  switch (type) {
    case CUDNN_TYPE_CHAR: return 1;
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_VOID_PTR:
    case CUDNN_TYPE_BACKEND_DESCRIPTOR: return 8;
    default: return 4;
  }
}

}  // namespace

cudnnStatus_t refuse(cudnnStatus_t status, const std::string& why) {
  refusal = why;
  return status;
}

std::string last_refusal() { return std::exchange(refusal, ""); }

const Operation* find_operation(cudnnBackendDescriptorType_t type) {
  const auto found = std::ranges::find(operations, type, &Operation::type);
  return found != operations.end() ? &*found : nullptr;
}

std::shared_ptr<Object>* find(cudnnBackendDescriptor_t handle) {
  const auto found = living().find(handle);
  return found != living().end() ? &found->second : nullptr;
}

cudnnBackendDescriptor_t add(cudnnBackendDescriptorType_t type) {
  auto made = std::make_shared<Object>(type);
  Object* const handle = made.get();
  living().emplace(handle, std::move(made));
  return handle;
}

void remove(cudnnBackendDescriptor_t handle) { living().erase(handle); }

cudnnStatus_t Object::set(Name name, cudnnBackendAttributeType_t value_type, std::int64_t how_many,
                          const void* values) {
  const auto rule = std::ranges::find_if(
      rules(), [&](const Rule& r) { return r.owner == type && r.name == name; });
  const std::string what = "attribute " + std::to_string(int(name));
  if (finalized) return refuse(CUDNN_STATUS_BAD_PARAM, what + " is set after finalisation");
  if (rule == rules().end())
    return refuse(CUDNN_STATUS_BAD_PARAM,
                  what + " is none of descriptor type " + std::to_string(int(type)));
  if (rule->type != value_type)
    return refuse(CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, what + " is of another type");
  if (values == nullptr || how_many < rule->least || how_many > rule->most)
    return refuse(CUDNN_STATUS_BAD_PARAM,
                  what + " cannot have " + std::to_string(how_many) + " values, or they are null");
  if (value_type == CUDNN_TYPE_HANDLE && *static_cast<const cudnnHandle_t*>(values) == nullptr)
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, what + " is null");
  Value value{std::size_t(how_many), {}, {}};
  const char* bytes = static_cast<const char*>(values);
  value.bytes.assign(bytes, bytes + how_many * std::int64_t(size_of(value_type)));
  for (std::int64_t i = 0; value_type == CUDNN_TYPE_BACKEND_DESCRIPTOR && i < how_many; ++i) {
    const auto* part = find(static_cast<const cudnnBackendDescriptor_t*>(values)[i]);
    const bool is_operation = name == CUDNN_ATTR_OPERATIONGRAPH_OPS;
    if (part == nullptr ||
        (is_operation ? find_operation((*part)->type) == nullptr : (*part)->type != rule->part))
      return refuse(CUDNN_STATUS_BAD_PARAM, what + " is not such a descriptor");
    value.parts.push_back(*part);
  }
  values_.insert_or_assign(name, std::move(value));
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t Object::check_complete() const {
  for (const Rule& rule : rules())
    if (rule.owner == type && rule.needed && !has(rule.name))
      return refuse(CUDNN_STATUS_BAD_PARAM,
                    "attribute " + std::to_string(int(rule.name)) + " has not been set");
  for (const auto& [name, value] : values_)
    for (const auto& part : value.parts)
      if (!part->finalized)
        return refuse(CUDNN_STATUS_BAD_PARAM, "the descriptor that is attribute " +
                                                  std::to_string(int(name)) + " is not finalised");
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace cuda_on_host::cudnn
