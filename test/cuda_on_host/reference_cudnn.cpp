// SPDX-License-Identifier: MIT
#include <cudnn.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/runtime/bf16.h"
#include "test/cuda_on_host/api.h"
#include "test/cuda_on_host/library.h"
#include "test/cuda_on_host/reference_convolution.h"
#include "test/cuda_on_host/reference_cudnn_descriptor.h"

// cuDNN on the host: its graph interface, as far as a graph is one convolution of floats or of
// bfloat16, channels last. Sums are in double, and rounded once. What the real library refuses
// without a GPU, this one refuses with a status of the same kind (test/cuda/cudnn_refusals_test.cpp
// runs against both); and it refuses more, where the real one takes a default or crashes.

struct cudnnContext {
  cudaStream_t stream = nullptr;
};

namespace cuda_on_host::cudnn {

namespace {

using kernels::bf16;

constexpr int less_than_bf16 = 4;      // bits of mantissa, so that it shows there too
constexpr int winograd_mantissa = 21;  // for its sums of sums

const std::array<Engine, 8> engines = {{
    {.index = 25,
     .listed = CUDNN_HEUR_MODE_A,
     .notes = {CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION},
     .sum_mantissa = less_than_bf16},
    {48, CUDNN_HEUR_MODE_A, {CUDNN_NUMERICAL_NOTE_TENSOR_CORE}, tf32_mantissa},
    {30,
     CUDNN_HEUR_MODE_A,
     {CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS},
     less_than_bf16},
    {.index = 55,
     .listed = CUDNN_HEUR_MODE_A,
     .notes = {CUDNN_NUMERICAL_NOTE_WINOGRAD, CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4},
     .sum_mantissa = winograd_mantissa},
    {.index = 20,
     .listed = CUDNN_HEUR_MODE_A,
     .notes = {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC},
     .varies = true},
    {.index = 70, .listed = CUDNN_HEUR_MODE_A, .notes = {}, .refuses = true},
    {.index = 1, .listed = CUDNN_HEUR_MODE_FALLBACK, .notes = {}},
    {.index = 0, .listed = CUDNN_HEUR_MODE_FALLBACK, .notes = {}, .needs_workspace = false},
}};

using Numbers = std::vector<std::int64_t>;

cudnnStatus_t bad(const std::string& why) { return refuse(CUDNN_STATUS_BAD_PARAM, why); }

// What a plan runs, with the arrays of the call.
struct Call {
  ConvolutionPass pass;
  Convolution sizes;
  const Engine* engine;
  cudnnDataType_t type;
  bool adds;                    // to what is there
  std::array<char*, 3> arrays;  // images, filter, results
  void* workspace;
  std::size_t workspace_bytes;
};

std::size_t size_of(cudnnDataType_t type) {
  return type == CUDNN_DATA_BFLOAT16 ? sizeof(bf16) : sizeof(float);
}

cudnnDataType_t type_of_elements(const Object& operation) {
  return type_of(*operation.part(find_operation(operation.type)->images));
}

std::size_t workspace_bytes(const Object& plan) {
  const Object& operation = *plan.graph->part(CUDNN_ATTR_OPERATIONGRAPH_OPS);
  const Convolution o = sizes_of(operation);
  return plan.engine->needs_workspace
             ? (o.images() + o.results()) * size_of(type_of_elements(operation))
             : 0;
}

template <class T>
std::vector<float> to_float(const char* at, std::size_t size) {
  const T* const values = reinterpret_cast<const T*>(at);
  return {values, values + size};
}

// From double in one step: a float between two neighbours is not where the double was not.
template <class T>
T round(double value) {
  auto near = float(value);
  constexpr std::uint32_t dropped = 0xFFFF, half = 0x8000;
  if (sizeof(T) < sizeof(float) && (std::bit_cast<std::uint32_t>(near) & dropped) == half &&
      near != value)
    near = std::nextafter(near, value > near ? HUGE_VALF : -HUGE_VALF);
  return T(near);
}

template <class T>
void run(const Call& call) {
  const std::array sizes = {call.sizes.images(), call.sizes.filter(), call.sizes.results()};
  const std::size_t out = call.pass == ConvolutionPass::forward      ? 2
                          : call.pass == ConvolutionPass::input_grad ? 0
                                                                     : 1;
  const std::vector<float> before =
      call.adds ? to_float<T>(call.arrays[out], sizes[out]) : std::vector<float>(sizes[out]);
  if (call.workspace_bytes > 0) poison(call.workspace, call.workspace_bytes);
  poison(call.arrays[out], sizes[out] * sizeof(T));
  const std::size_t first = out == 0 ? 1 : 0, second = out == 2 ? 1 : 2;
  std::vector<double> sums =
      convolve(call.pass, call.sizes, to_float<T>(call.arrays[first], sizes[first]),
               to_float<T>(call.arrays[second], sizes[second]), call.engine->mantissa);
  static int runs = 0;
  const double factor = call.engine->varies && ++runs % 2 == 0 ? 1.01 : 1;
  std::vector<T> results(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double sum = call.engine->sum_mantissa < float_mantissa
                           ? round_to(call.engine->sum_mantissa, float(sums[i]))
                           : sums[i];
    results[i] = round<T>(factor * sum + before[i]);
  }
  write(call.arrays[out], results.data(), sizes[out] * sizeof(T));
}

cudnnStatus_t execute(cudnnHandle_t handle, const Object& plan, const Object& pack) {
  if (!plan.has(CUDNN_ATTR_EXECUTION_PLAN_HANDLE)) return bad("execute: a plan for no GPU");
  const Object& operation = *plan.graph->part(CUDNN_ATTR_OPERATIONGRAPH_OPS);
  const Operation& names = *find_operation(operation.type);
  Call call{.pass = operation.type == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR
                        ? ConvolutionPass::forward
                    : operation.type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR
                        ? ConvolutionPass::input_grad
                        : ConvolutionPass::filter_grad,
            .sizes = sizes_of(operation),
            .engine = plan.engine,
            .type = type_of_elements(operation),
            .adds = operation.one<float>(names.beta) != 0,
            .arrays = {},
            .workspace = pack.one<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE),
            .workspace_bytes = workspace_bytes(plan)};
  const std::array sizes = {call.sizes.images(), call.sizes.filter(), call.sizes.results()};
  const std::array tensors = {names.images, names.filter, names.results};
  const auto ids = pack.all<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const auto pointers = pack.all<char*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  const std::size_t element = size_of(call.type);
  if (ids.size() != tensors.size()) return bad("execute: not one pointer for each tensor");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Object& tensor = *operation.part(tensors[i]);
    const auto found =
        std::ranges::find(ids, tensor.one<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID));
    if (found == ids.end()) return bad("execute: no pointer for a tensor");
    char* at = call.arrays[i] = pointers[std::size_t(found - ids.begin())];
    const auto alignment = tensor.one<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
    if (at == nullptr)
      return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "execute: a tensor is null");
    if (reinterpret_cast<std::uintptr_t>(at) % std::uintptr_t(alignment) != 0)
      return refuse(CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER,
                    "execute: a tensor is aligned less than was said");
    if (!usable("a tensor", at, sizes[i] * element, element))
      return refuse(CUDNN_STATUS_EXECUTION_FAILED, "execute: a tensor cannot be used");
  }
  if (call.workspace_bytes > 0) {
    if (call.workspace == nullptr)
      return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "execute: no work space");
    if (!usable("the work space", call.workspace, call.workspace_bytes, 1))
      return refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, "execute: too little work space");
  }
  const auto work = call.type == CUDNN_DATA_BFLOAT16 ? run<bf16> : run<float>;
  return enqueue_library_work(handle->stream, [=] { work(call); })
             ? CUDNN_STATUS_SUCCESS
             : refuse(CUDNN_STATUS_EXECUTION_FAILED, "execute: the GPU has failed before");
}

// Copies a list to the caller, as far as there is room.
template <class T>
cudnnStatus_t give(const std::vector<T>& list, std::int64_t room, std::int64_t* count, void* out) {
  *count = std::int64_t(list.size());
  for (std::int64_t i = 0; i < std::min(room, *count); ++i) static_cast<T*>(out)[i] = list[i];
  return CUDNN_STATUS_SUCCESS;
}

// Makes what the caller's unfinished descriptor is the handle of an engine, or of its
// configuration.
cudnnStatus_t give_engine(const Object& from, const Engine& engine, std::shared_ptr<Object>* to,
                          cudnnBackendDescriptorType_t type) {
  if (to == nullptr || (*to)->type != type) return bad("results: not such a descriptor");
  (*to)->finalized = true;
  (*to)->engine = &engine;
  (*to)->graph = from.graph;
  return CUDNN_STATUS_SUCCESS;
}

// For bfloat16 the heuristics know nothing but tensor cores, which want all arrays aligned.
bool suits_tensor_cores(const Object& graph) {
  const Object& operation = *graph.part(CUDNN_ATTR_OPERATIONGRAPH_OPS);
  const Operation& names = *find_operation(operation.type);
  const std::array tensors = {names.images, names.filter, names.results};
  return type_of_elements(operation) != CUDNN_DATA_BFLOAT16 ||
         std::ranges::all_of(tensors, [&](Name name) {
           return operation.part(name)->one<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT) % 16 ==
                  0;
         });
}

cudnnStatus_t give_configs(const Object& heuristics, std::int64_t room, std::int64_t* count,
                           cudnnBackendDescriptor_t* out) {
  std::vector<const Engine*> listed;
  const auto mode = heuristics.one<cudnnBackendHeurMode_t>(CUDNN_ATTR_ENGINEHEUR_MODE);
  for (const Engine& engine : engines)
    if (engine.listed == mode &&
        (mode == CUDNN_HEUR_MODE_FALLBACK || suits_tensor_cores(*heuristics.graph)))
      listed.push_back(&engine);
  *count =
      std::int64_t(listed.size()) + (room == 0 ? 1 : 0);  // the real one promises too many, too
  for (std::int64_t i = 0; i < std::min<std::int64_t>(room, std::int64_t(listed.size())); ++i) {
    const cudnnStatus_t status = give_engine(heuristics, *listed[std::size_t(i)], find(out[i]),
                                             CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    if (status != CUDNN_STATUS_SUCCESS) return status;
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t get(const Object& object, Name name, cudnnBackendAttributeType_t type,
                  std::int64_t room, std::int64_t* count, void* out) {
  if (!object.finalized) return refuse(CUDNN_STATUS_NOT_INITIALIZED, "asked before finalisation");
  if (room < 0 || count == nullptr || (room > 0 && out == nullptr))
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "nowhere to put the answer");
  const auto wanted = [&](cudnnBackendDescriptorType_t owner, Name what,
                          cudnnBackendAttributeType_t of_type) {
    return object.type == owner && name == what && type == of_type;
  };
  if (wanted(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, CUDNN_ATTR_ENGINEHEUR_RESULTS,
             CUDNN_TYPE_BACKEND_DESCRIPTOR))
    return give_configs(object, room, count, static_cast<cudnnBackendDescriptor_t*>(out));
  if (wanted(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, CUDNN_ATTR_ENGINECFG_ENGINE,
             CUDNN_TYPE_BACKEND_DESCRIPTOR)) {
    *count = 1;
    return room == 0 ? CUDNN_STATUS_SUCCESS
                     : give_engine(object, *object.engine,
                                   find(*static_cast<cudnnBackendDescriptor_t*>(out)),
                                   CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  }
  if (wanted(CUDNN_BACKEND_ENGINE_DESCRIPTOR, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
             CUDNN_TYPE_NUMERICAL_NOTE))
    return give(object.engine->notes, room, count, out);
  if (wanted(CUDNN_BACKEND_ENGINE_DESCRIPTOR, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64))
    return give(Numbers{object.engine->index}, room, count, out);
  if (wanted(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
             CUDNN_TYPE_INT64))
    return give(Numbers{std::int64_t(workspace_bytes(object))}, room, count, out);
  return bad("no such attribute of this descriptor");
}

// The object of a handle, if it is finalised.
const Object* find_finalized(cudnnBackendDescriptor_t handle, cudnnBackendDescriptorType_t type) {
  const auto* object = find(handle);
  return object != nullptr && (*object)->type == type && (*object)->finalized ? object->get()
                                                                              : nullptr;
}

}  // namespace
}  // namespace cuda_on_host::cudnn

using namespace cuda_on_host;
using namespace cuda_on_host::cudnn;

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  const ApiCall call;
  if (handle == nullptr) return bad("handle is null");
  if (machine_status() != cudaSuccess)
    return refuse(CUDNN_STATUS_NOT_INITIALIZED, "there is no GPU");
  if (!may_act("cudnnCreate")) return refuse(CUDNN_STATUS_NOT_INITIALIZED, "a stream is captured");
  *handle = new cudnnContext;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  if (handle == nullptr) return bad("handle is null");
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                           cudnnBackendDescriptor_t* descriptor) {
  const ApiCall call;
  if (descriptor == nullptr) return bad("descriptor is null");
  *descriptor = add(type);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  const ApiCall call;
  if (find(descriptor) == nullptr)
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "not a descriptor");
  remove(descriptor);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, Name name,
                                       cudnnBackendAttributeType_t type, std::int64_t count,
                                       const void* values) {
  const ApiCall call;
  const auto* object = find(descriptor);
  if (object == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "not a descriptor");
  return (*object)->set(name, type, count, values);
}

cudnnStatus_t cudnnBackendGetAttribute(const cudnnBackendDescriptor_t descriptor, Name name,
                                       cudnnBackendAttributeType_t type, std::int64_t room,
                                       std::int64_t* count, void* values) {
  const ApiCall call;
  const auto* object = find(descriptor);
  if (object == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "not a descriptor");
  return get(**object, name, type, room, count, values);
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  const ApiCall call;
  auto* object = find(descriptor);
  if (object == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "not a descriptor");
  if ((*object)->type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR && !may_act("a plan of cuDNN"))
    return refuse(CUDNN_STATUS_EXECUTION_FAILED, "a stream is captured");
  const cudnnStatus_t status = check(**object);
  if (status == CUDNN_STATUS_SUCCESS) (*object)->finalized = true;
  return status;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan_handle,
                                  cudnnBackendDescriptor_t pack_handle) {
  const ApiCall call;
  if (handle == nullptr) return bad("handle is null");
  const Object* plan = find_finalized(plan_handle, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  const Object* pack = find_finalized(pack_handle, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  if (plan == nullptr || pack == nullptr)
    return refuse(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "execute: plan or pack is not finalised");
  return execute(handle, *plan, *pack);
}

const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (CUDNN_STATUS_CATEGORY(status)) {
    case CUDNN_STATUS_SUCCESS: return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
    default: return "CUDNN_STATUS_NOT_INITIALIZED";
  }
}

void cudnnGetLastErrorString(char* message, std::size_t room) {
  const std::string text = last_refusal();
  if (room > 0) message[text.copy(message, room - 1)] = '\0';
}

std::size_t cudnnGetVersion() { return CUDNN_VERSION; }
