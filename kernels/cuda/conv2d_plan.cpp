// SPDX-License-Identifier: MIT
#include "kernels/cuda/conv2d_plan.h"

#include <cudnn.h>

#include <algorithm>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/context.h"
#include "kernels/runtime/error.h"

// The only file that sees more of cuDNN than its version; it sees its graph interface, by which a
// convolution is a graph of one operation. The older one (cudnnConvolutionForward and its kin) was
// rejected: it is deprecated; it is three sets of types and functions where this is one; it
// reaches fewer engines; and it plans only where a GPU is, while this one can be tested without.
//
// Without tensor cores, which round floats to TF32, the engines left often bring the images into
// channels-first order in the work space: an H100 needs 64 MiB for 128 images of 32 x 32 x 64, and
// nothing once TF32 is allowed.
namespace kernels {
namespace {

// What cuDNN has to say, in one line.
std::string reason(cudnnStatus_t status) {
  char text[512] = "";
  cudnnGetLastErrorString(text, sizeof text);
  const std::string_view details = text;
  return fmt::format("{} ({})", cudnnGetErrorString(status), details.substr(0, details.find('\n')));
}

void check(cudnnStatus_t status, const std::source_location& at = std::source_location::current()) {
  require(status == CUDNN_STATUS_SUCCESS, "cuDNN: {} ({}:{})", reason(status), at.file_name(),
          at.line());
}

// Made at the first use and never destroyed, as context() is.
cudnnHandle_t handle() {
  const Context& gpu = context();
  static const cudnnHandle_t only = [&] {
    cudnnHandle_t made = nullptr;
    check(cudnnCreate(&made));
    check(cudnnSetStream(made, gpu.stream()));
    return made;
  }();
  return only;
}

using Type = cudnnBackendAttributeType_t;
constexpr Type type_of(const std::int64_t*) { return CUDNN_TYPE_INT64; }
constexpr Type type_of(const float*) { return CUDNN_TYPE_FLOAT; }
constexpr Type type_of(const char*) { return CUDNN_TYPE_CHAR; }
constexpr Type type_of(const void* const*) { return CUDNN_TYPE_VOID_PTR; }
constexpr Type type_of(const cudnnHandle_t*) { return CUDNN_TYPE_HANDLE; }
constexpr Type type_of(const cudnnDataType_t*) { return CUDNN_TYPE_DATA_TYPE; }
constexpr Type type_of(const cudnnConvolutionMode_t*) { return CUDNN_TYPE_CONVOLUTION_MODE; }
constexpr Type type_of(const cudnnBackendHeurMode_t*) { return CUDNN_TYPE_HEUR_MODE; }

using Attribute = cudnnBackendAttributeName_t;

// The one kind of object that the graph interface has: attributes are set, it is finalised, and
// then it can be named by others, which copy what they need, and asked.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    cudnnBackendDescriptor_t made = nullptr;
    check(cudnnBackendCreateDescriptor(type, &made));
    at_.reset(made);
  }

  cudnnBackendDescriptor_t get() const { return at_.get(); }
  cudnnBackendDescriptor_t release() { return at_.release(); }

  template <class T>
  void set(Attribute name, const T* values, std::size_t count) {
    check(cudnnBackendSetAttribute(get(), name, type_of(values), std::int64_t(count), values));
  }
  template <class T>
  void set(Attribute name, const T& value) {
    set(name, &value, 1);
  }
  template <class T, std::size_t count>
  void set(Attribute name, const std::array<T, count>& values) {
    set(name, values.data(), count);
  }
  void set(Attribute name, const Descriptor& value) {
    const cudnnBackendDescriptor_t at = value.get();
    check(cudnnBackendSetAttribute(get(), name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &at));
  }

  cudnnStatus_t try_finalize() { return cudnnBackendFinalize(get()); }
  void finalize() { check(try_finalize()); }

  std::int64_t number(Attribute name) const {
    std::int64_t value = 0, count = 0;
    check(cudnnBackendGetAttribute(get(), name, CUDNN_TYPE_INT64, 1, &count, &value));
    return value;
  }

  std::vector<cudnnBackendNumericalNote_t> numerical_notes() const {
    std::vector<cudnnBackendNumericalNote_t> notes(CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
    std::int64_t count = 0;
    check(cudnnBackendGetAttribute(get(), CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                   CUDNN_TYPE_NUMERICAL_NOTE, std::int64_t(notes.size()), &count,
                                   notes.data()));
    notes.resize(std::size_t(count));
    return notes;
  }

  // The parts have to be made before cuDNN can fill them, and it may fill fewer than it promised.
  std::vector<Descriptor> parts(Attribute name, cudnnBackendDescriptorType_t type) const {
    std::int64_t promised = 0, filled = 0;
    check(cudnnBackendGetAttribute(get(), name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &promised,
                                   nullptr));
    std::vector<Descriptor> all;
    std::vector<cudnnBackendDescriptor_t> addresses;
    for (std::int64_t i = 0; i < promised; ++i) addresses.push_back(all.emplace_back(type).get());
    check(cudnnBackendGetAttribute(get(), name, CUDNN_TYPE_BACKEND_DESCRIPTOR, promised, &filled,
                                   addresses.data()));
    all.erase(all.begin() + std::min(promised, filled), all.end());
    return all;
  }

 private:
  struct Destroy {
    void operator()(cudnnBackendDescriptor_t at) const { cudnnBackendDestroyDescriptor(at); }
  };
  std::unique_ptr<void, Destroy> at_;
};

// Where a plan is to run: on the GPU of the handle, or on one that is only described.
class Target {
 public:
  explicit Target(const char* gpu) {
    if (gpu == nullptr) {
      handle_ = handle();
      return;
    }
    properties_ = std::make_unique<Descriptor>(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    properties_->set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, gpu, std::string_view(gpu).size());
    properties_->finalize();
  }

  void set_handle(Descriptor& of, Attribute name) const {
    if (handle_ != nullptr) of.set(name, handle_);
  }
  void set_properties(Descriptor& of, Attribute name) const {
    if (properties_ != nullptr) of.set(name, *properties_);
  }

 private:
  cudnnHandle_t handle_ = nullptr;
  std::unique_ptr<Descriptor> properties_;
};

enum Id : std::int64_t { x_id = 1, filter_id, y_id };

// cuDNN counts dimensions as n, c, h, w wherever they lie; the strides say that c is innermost.
Descriptor tensor(Id id, std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t c, DType type,
                  int alignment) {
  Descriptor d(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  d.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, std::int64_t(id));
  d.set(CUDNN_ATTR_TENSOR_DATA_TYPE, type == DType::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT);
  d.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, std::int64_t(alignment));
  d.set(CUDNN_ATTR_TENSOR_DIMENSIONS, std::array{n, c, h, w});
  d.set(CUDNN_ATTR_TENSOR_STRIDES, std::array{h * w * c, std::int64_t{1}, w * c, c});
  d.finalize();
  return d;
}

Descriptor convolution(const Conv2dShape& s) {
  const auto both = [](std::int64_t value) { return std::array{value, value}; };
  Descriptor d(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  d.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT);
  d.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION);
  d.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2});
  d.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, both(s.pad));
  d.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, both(s.pad));
  d.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, both(s.stride));
  d.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, both(1));
  d.finalize();
  return d;
}

// What cuDNN calls the parts of each pass.
struct Names {
  cudnnBackendDescriptorType_t type;
  Attribute x, filter, y, convolution, alpha, beta;
};

Names names_of(Conv2dPass pass) {
  switch (pass) {
    case Conv2dPass::forward:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
    case Conv2dPass::input_grad:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    case Conv2dPass::filter_grad: break;
  }
  return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
}

Descriptor graph(const Conv2dRequest& request, const Target& target) {
  const Conv2dShape& s = request.shape;
  const auto [x_alignment, filter_alignment, y_alignment] = request.alignment;
  const DType type = request.type;
  const Descriptor x = tensor(x_id, s.n, s.h, s.w, s.c, type, x_alignment);
  const Descriptor filter = tensor(filter_id, s.k, s.r, s.s, s.c, type, filter_alignment);
  const Descriptor y = tensor(y_id, s.n, s.out_h(), s.out_w(), s.k, type, y_alignment);
  const Descriptor product = convolution(s);
  const Names names = names_of(request.pass);
  Descriptor operation(names.type);
  operation.set(names.x, x);
  operation.set(names.filter, filter);
  operation.set(names.y, y);
  operation.set(names.convolution, product);
  operation.set(names.alpha, 1.0f);
  operation.set(names.beta, request.adds ? 1.0f : 0.0f);
  operation.finalize();
  Descriptor d(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  target.set_handle(d, CUDNN_ATTR_OPERATIONGRAPH_HANDLE);
  d.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
  d.finalize();
  return d;
}

// Engines with their settings, the fastest first.
std::vector<Descriptor> engine_configs(const Descriptor& of_graph, cudnnBackendHeurMode_t mode,
                                       const Target& target) {
  Descriptor d(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  d.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, of_graph);
  d.set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
  target.set_properties(d, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP);
  const cudnnStatus_t status = d.try_finalize();
  if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) return {};
  check(status);
  return d.parts(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
}

bool is_winograd(cudnnBackendNumericalNote_t note) {
  return note == CUDNN_NUMERICAL_NOTE_WINOGRAD || note == CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4 ||
         note == CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6 ||
         note == CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13;
}

// Tensor cores round floats to TF32; products of bf16 are exact in them, but Winograd's sums of
// images would be rounded to bf16.
bool allowed(const Descriptor& engine, const Conv2dRequest& request) {
  const bool rounds = request.type == DType::f32 && !request.mode.allow_tf32;
  return std::ranges::none_of(engine.numerical_notes(), [&](cudnnBackendNumericalNote_t note) {
    return note == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS ||
           note == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION ||
           (note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE && rounds) ||
           (is_winograd(note) && (!request.mode.allow_winograd || request.type == DType::bf16)) ||
           (note == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC && request.mode.deterministic);
  });
}

}  // namespace

void Conv2dPlan::Destroy::operator()(void* descriptor) const {
  cudnnBackendDestroyDescriptor(descriptor);
}

Conv2dPlan::Conv2dPlan(const Conv2dRequest& request, std::size_t workspace_limit, const char* gpu) {
  const Target target(gpu);
  const Descriptor whole = graph(request, target);
  std::string refusal = "none fits the math mode";
  // The heuristics proper know no engine at all for some convolutions, if tensor cores are
  // excluded.
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    for (const Descriptor& config : engine_configs(whole, mode, target)) {
      const auto engines =
          config.parts(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
      const Descriptor& engine = engines.at(0);
      if (!allowed(engine, request)) continue;
      Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      target.set_handle(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE);
      target.set_properties(plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP);
      plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
      if (const cudnnStatus_t status = plan.try_finalize(); status != CUDNN_STATUS_SUCCESS) {
        refusal = reason(status);
        continue;
      }
      const auto bytes = std::size_t(plan.number(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE));
      if (bytes > workspace_limit) {
        refusal =
            fmt::format("one wants {} bytes of work space, there are {}", bytes, workspace_limit);
        continue;
      }
      engine_ = int(engine.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
      workspace_bytes_ = bytes;
      plan_.reset(plan.release());
      return;
    }
  }
  fail("no engine of cuDNN {} can do it ({})", cudnnGetVersion(), refusal);
}

void Conv2dPlan::run(const void* x, const void* filter, const void* y, void* workspace) const {
  Descriptor arguments(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  arguments.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS,
                std::array<std::int64_t, 3>{x_id, filter_id, y_id});
  arguments.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, std::array{x, filter, y});
  arguments.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, static_cast<const void*>(workspace));
  arguments.finalize();
  check(cudnnBackendExecute(handle(), plan_.get(), arguments.get()));
}

}  // namespace kernels
