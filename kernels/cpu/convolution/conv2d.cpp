// SPDX-License-Identifier: MIT
#include "kernels/conv2d.h"

#include <algorithm>
#include <array>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>
#include <type_traits>

#include "kernels/cpu/convolution/bf16_filter_grad.h"
#include "kernels/cpu/convolution/winograd.h"
#include "kernels/elementwise.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/math_libraries.h"
#include "kernels/runtime/math_mode.h"
#include "kernels/runtime/memory.h"
#include "kernels/runtime/precision.h"
#include "kernels/runtime/scratchpad.h"

// Convolution by oneDNN, by our own Winograd, or by our own gradient of filters in bf16. oneDNN
// takes channels-last images as they are, nearly always; filters are brought into the blocked
// layout its kernels want, and back. Primitives are compiled code, made once for each shape.
namespace kernels {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// oneDNN's cpu streams run in the caller; nothing is ever pending.
dnnl::stream& cpu_stream() {
  static dnnl::stream stream(cpu_engine());
  return stream;
}

enum class Pass : std::uint8_t { forward, input_grad, filter_grad };

// oneDNN 2.6 runs the forward pass over many channels of tiny images (512 at 4x4) in channels last
// at 60 % of the speed of its blocked layout; there, reordering the images pays.
Tag image_layout(Pass pass, const Conv2dShape& s) {
  const bool tiny = s.out_h() * s.out_w() <= 16 && s.c >= 256 && s.k >= 256 && s.r * s.s > 1;
  return pass == Pass::forward && tiny ? Tag::any : Tag::nhwc;
}

memory::data_type data_type(DType type) {
  return type == DType::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

// An array as the caller has it and as the primitive wants it: the same memory where the layouts
// agree, else a copy and the reorder between the two.
class Operand {
 public:
  Operand() = default;
  Operand(const memory::desc& plain, const memory::desc& wanted, bool output)
      : plain_(plain, cpu_engine(), nullptr), output_(output) {
    if (wanted == plain) return;
    copy_ = memory(wanted, cpu_engine());
    reorder_ = output ? dnnl::reorder(copy_, plain_) : dnnl::reorder(plain_, copy_);
  }

  void bind(const void* at) { plain_.set_data_handle(const_cast<void*>(at)); }
  const memory& wanted() const { return reorder_ ? copy_ : plain_; }

  void before(dnnl::stream& stream) {
    if (reorder_ && !output_) reorder_.execute(stream, plain_, copy_);
  }
  void after(dnnl::stream& stream) {
    if (reorder_ && output_) reorder_.execute(stream, copy_, plain_);
  }

 private:
  memory plain_, copy_;
  dnnl::reorder reorder_;
  bool output_ = false;
};

dnnl::primitive_attr own_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

// What a primitive shall do. oneDNN 3 takes in one list what oneDNN 2 wants in two.
template <class Primitive, class... What>
typename Primitive::primitive_desc describe(const What&... what) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu_engine(), what..., own_scratchpad()};
#else
  return {{what...}, own_scratchpad(), cpu_engine()};
#endif
}

// By a kernel in whose name `refused` does not stand, unless that is empty.
template <class Primitive, class... What>
typename Primitive::primitive_desc describe_backward(
    std::string_view refused, const dnnl::convolution_forward::primitive_desc& forward,
    const What&... what) {
  const dnnl::primitive_attr attributes = own_scratchpad();
#if DNNL_VERSION_MAJOR >= 3
  typename Primitive::primitive_desc found(cpu_engine(), what..., forward, attributes);
#else
  const typename Primitive::desc wanted{what...};  // next_impl() looks at it again
  typename Primitive::primitive_desc found(wanted, attributes, cpu_engine(), forward);
#endif
  const auto is_refused = [&] {
    return !refused.empty() &&
           std::string_view(found.impl_info_str()).find(refused) != refused.npos;
  };
  while (is_refused() && found.next_impl()) continue;
  return found;
}

// oneDNN 2.6's kernel for AVX2 that gives the gradient of a 1x1 filter with a stride takes eight
// channels at a time: with fewer, threads write into each other's part of the scratchpad, and
// behind it.
std::string_view refused_for(Pass pass, const Conv2dShape& s) {
  return pass == Pass::filter_grad && s.r * s.s == 1 && s.stride > 1 && s.c < 8 ? "jit_1x1:avx2"
                                                                                : "";
}

// A primitive for one shape, with its operands.
class Plan {
 public:
  Plan(Pass pass, DType type, const Conv2dShape& s) : pass_(pass) {
    const auto array = [](const memory::dims& dims, DType of, Tag tag) {
      return memory::desc(dims, data_type(of), tag);
    };
    const DType filter_type = pass == Pass::filter_grad ? DType::f32 : type;
    const memory::dims x_dims{s.n, s.c, s.h, s.w}, filter_dims{s.k, s.c, s.r, s.s},
        y_dims{s.n, s.k, s.out_h(), s.out_w()}, strides{s.stride, s.stride}, padding{s.pad, s.pad};
    const Tag layout = image_layout(pass, s);
    const memory::desc x = array(x_dims, type, layout), y = array(y_dims, type, layout),
                       filter = array(filter_dims, type, Tag::any),
                       dfilter = array(filter_dims, filter_type, Tag::any);
    const auto use = [&](const auto& desc, const auto& x_wanted, const auto& filter_wanted,
                         const auto& y_wanted) {
      x_ = Operand(array(x_dims, type, Tag::nhwc), x_wanted, pass == Pass::input_grad);
      filter_ = Operand(array(filter_dims, filter_type, Tag::ohwi), filter_wanted,
                        pass == Pass::filter_grad);
      y_ = Operand(array(y_dims, type, Tag::nhwc), y_wanted, pass == Pass::forward);
      scratchpad_ = memory(desc.scratchpad_desc(), cpu_engine(), nullptr);
    };

    const auto direct = dnnl::algorithm::convolution_direct;
    const auto forward = describe<dnnl::convolution_forward>(
        dnnl::prop_kind::forward_training, direct, x, filter, y, strides, padding, padding);
    if (pass == Pass::forward) {
      primitive_ = dnnl::convolution_forward(forward);
      use(forward, forward.src_desc(), forward.weights_desc(), forward.dst_desc());
    } else if (pass == Pass::input_grad) {
      const auto backward = describe_backward<dnnl::convolution_backward_data>(
          refused_for(pass, s), forward, direct, x, filter, y, strides, padding, padding);
      primitive_ = dnnl::convolution_backward_data(backward);
      use(backward, backward.diff_src_desc(), backward.weights_desc(), backward.diff_dst_desc());
    } else {
      const auto backward = describe_backward<dnnl::convolution_backward_weights>(
          refused_for(pass, s), forward, direct, x, dfilter, y, strides, padding, padding);
      primitive_ = dnnl::convolution_backward_weights(backward);
      use(backward, backward.src_desc(), backward.diff_weights_desc(), backward.diff_dst_desc());
    }
  }

  void run(const void* x, const void* filter, const void* y, Scratchpad& scratchpad) {
    x_.bind(x);
    filter_.bind(filter);
    y_.bind(y);
    scratchpad_.set_data_handle(scratchpad.at_least(scratchpad_.get_desc().get_size()));
    dnnl::stream& stream = cpu_stream();
    for (Operand* operand : {&x_, &filter_, &y_}) operand->before(stream);
    primitive_.execute(
        stream,
        {{pass_ == Pass::input_grad ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, x_.wanted()},
         {pass_ == Pass::filter_grad ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, filter_.wanted()},
         {pass_ == Pass::forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, y_.wanted()},
         {DNNL_ARG_SCRATCHPAD, scratchpad_}});
    for (Operand* operand : {&x_, &filter_, &y_}) operand->after(stream);
    stream.wait();
  }

 private:
  Pass pass_;
  dnnl::primitive primitive_;
  Operand x_, filter_, y_;
  memory scratchpad_;
};

// A primitive is made for a number of threads as well as for a shape.
template <class T>
void run_plan(Pass pass, const Conv2dShape& s, const T* x, const void* filter, const T* y) {
  using Key = std::array<int, 12>;
  static std::map<Key, Plan> plans;
  static Scratchpad scratchpad(Device::cpu);  // plans run one after the other
  const DType type = dtype_of<T>;
  const Key key{int(pass), int(type), threads(), s.n, s.h,      s.w,
                s.c,       s.k,       s.r,       s.s, s.stride, s.pad};
  try {
    auto found = plans.find(key);
    if (found == plans.end()) found = plans.try_emplace(key, pass, type, s).first;
    found->second.run(x, filter, y, scratchpad);
  } catch (const dnnl::error& error) {
    fail(
        "conv2d: oneDNN refuses images [{}, {}, {}, {}] with filters [{}, {}, {}, {}], stride {}, "
        "padding {}: {}",
        s.n, s.h, s.w, s.c, s.k, s.r, s.s, s.c, s.stride, s.pad, error.what());
  }
}

// oneDNN's kernels for AMX are left alone, as nobody has measured ours against them.
bool has_amx() {
  static const bool found = dnnl_get_effective_cpu_isa() >= dnnl_cpu_isa_avx512_core_amx;
  return found;
}

// The gradient of filters in bf16: with 64 channels and more Winograd's algorithm is as fast, and
// of fewer than 16 in x most of a register would be empty.
bool by_pairs(const Conv2dShape& s) {
  return bf16_filter_grad::serves(s) && !has_amx() && s.c >= 16 && std::min(s.c, s.k) < 64;
}

// As in ResNet-20.
constexpr Conv2dShape thin{.n = 1, .h = 8, .w = 8, .c = 16, .k = 16, .r = 3, .s = 3, .pad = 1};

// Where Winograd's algorithm is allowed and, as measured (docs/performance.md), faster: not with so
// few channels, tiles, or pixels in a tile that its transforms cost what its products save. Its
// products are of floats, so those of bf16 must be many to be slower.
bool by_winograd(Pass pass, DType type, const Conv2dShape& s) {
  const bool bf16_products = type == DType::bf16 && pass != Pass::filter_grad;
  const int least_channels = bf16_products               ? 128
                             : pass == Pass::filter_grad ? 64
                                                         : 32,
            least_tiles = bf16_products ? 128 : 32;
  return math_mode().allow_winograd && !(type == DType::bf16 && has_amx()) && winograd::serves(s) &&
         std::min(s.c, s.k) >= least_channels && winograd::tile_count(s) >= least_tiles &&
         2 * s.n * s.out_h() * s.out_w() >= 16 * winograd::tile_count(s);
}

}  // namespace

std::string why_unavailable(Cpu, Precision precision) {
  if (precision == Precision::exact || precision == Precision::f32) return "";
  if (precision == Precision::tf32) return "tf32 is for a GPU";
  static const std::string why_no_bf16 = [] {
    try {
      for (const Pass pass : {Pass::forward, Pass::input_grad, Pass::filter_grad})
        Plan(pass, DType::bf16, thin);
      return "";
    } catch (const dnnl::error&) {
      return "oneDNN has no bf16 convolution for this processor, which lacks AVX-512";
    }
  }();
  return why_no_bf16;
}

std::string math_libraries(Cpu, Precision precision) {
  const dnnl_version_t& v = *dnnl_version();
  const bool bf16 = precision == Precision::bf16;
  const char* instructions = [&] {
    const auto found = dnnl_get_effective_cpu_isa();
    if (found >= dnnl_cpu_isa_avx512_core_amx && bf16) return " with AMX";
    if (found >= dnnl_cpu_isa_avx512_core_bf16 && bf16) return " with AVX-512 and bf16";
    if (found >= dnnl_cpu_isa_avx512_core) return " with AVX-512";
    if (found >= dnnl_cpu_isa_avx2) return " with AVX2";
    if (found >= dnnl_cpu_isa_avx) return " with AVX";
    return found >= dnnl_cpu_isa_sse41 ? " with SSE 4.1" : "";
  }();
  return fmt::format("oneDNN {}.{}.{}{}{}", v.major, v.minor, v.patch, instructions,
                     bf16 && by_pairs(thin) ? ", thin filters' gradients our own" : "");
}

void run(Cpu, const Conv2d& op) {
  with_type(op.x.type, [&](auto type) {
    using T = decltype(type);
    if (by_winograd(Pass::forward, op.x.type, op.shape))
      return winograd::forward(op.shape, op.x.as<T>(), op.filter.as<T>(), op.y.as<T>());
    run_plan(Pass::forward, op.shape, op.x.as<T>(), op.filter.as<T>(), op.y.as<T>());
  });
}

void run(Cpu, const Conv2dInputGrad& op) {
  if (op.adds) {  // by itself, and then added as a whole: that is the same bits on any processor
    static auto& room = *new Scratchpad(Device::cpu);
    const std::size_t size = op.shape.x_size();
    Conv2dInputGrad alone = op;
    alone.adds = false;
    alone.dx.data = room.at_least(size_of(op.dx.type) * size);
    run(Cpu{}, alone);
    return run(Cpu{}, Add{.a = {op.dx.data, op.dx.type},
                          .b = {alone.dx.data, op.dx.type},
                          .y = op.dx,
                          .size = size});
  }
  with_type(op.dy.type, [&](auto type) {
    using T = decltype(type);
    if (by_winograd(Pass::input_grad, op.dx.type, op.shape))
      return winograd::input_grad(op.shape, op.dy.as<T>(), op.filter.as<T>(), op.dx.as<T>());
    run_plan(Pass::input_grad, op.shape, op.dx.as<T>(), op.filter.as<T>(), op.dy.as<T>());
  });
}

void run(Cpu, const Conv2dFilterGrad& op) {
  with_type(op.x.type, [&](auto type) {
    using T = decltype(type);
    if constexpr (std::is_same_v<T, bf16>)
      if (by_pairs(op.shape))
        return bf16_filter_grad::run(op.shape, op.x.as<T>(), op.dy.as<T>(), op.dfilter);
    if (by_winograd(Pass::filter_grad, op.x.type, op.shape))
      return winograd::filter_grad(op.shape, op.x.as<T>(), op.dy.as<T>(), op.dfilter);
    run_plan(Pass::filter_grad, op.shape, op.x.as<T>(), op.dfilter, op.dy.as<T>());
  });
}

}  // namespace kernels
