// SPDX-License-Identifier: MIT
#include "kernels/conv2d.h"

#include <array>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/error.h"
#include "kernels/memory.h"
#include "kernels/scratchpad.h"

// Convolution by oneDNN. It takes channels-last images as they are; only filters are brought into
// the blocked layout its kernels want, and back. Primitives are compiled code, made once for each
// shape.
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

struct Descriptors {
  memory::desc x, filter, any_filter, y;
  memory::dims strides, padding;

  explicit Descriptors(const Conv2dShape& s)
      : x({s.n, s.c, s.h, s.w}, memory::data_type::f32, Tag::nhwc),
        filter({s.k, s.c, s.r, s.s}, memory::data_type::f32, Tag::ohwi),
        any_filter({s.k, s.c, s.r, s.s}, memory::data_type::f32, Tag::any),
        y({s.n, s.k, s.out_h(), s.out_w()}, memory::data_type::f32, Tag::nhwc),
        strides{s.stride, s.stride},
        padding{s.pad, s.pad} {}
};

enum class Pass : std::uint8_t { forward, input_grad, filter_grad };

// A primitive with its memory objects, and the reorder of the filter before or after it.
class Plan {
 public:
  Plan(Pass pass, const Conv2dShape& shape) : pass_(pass), plain_(Descriptors(shape).filter) {
    const Descriptors d(shape);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto direct = dnnl::algorithm::convolution_direct;
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, direct, d.x, d.any_filter, d.y, d.strides, d.padding,
         d.padding},
        attributes, cpu_engine());
    if (pass == Pass::forward) {
      use(forward, dnnl::convolution_forward(forward), forward.weights_desc(), d.x, d.y);
    } else if (pass == Pass::input_grad) {
      const dnnl::convolution_backward_data::primitive_desc backward(
          {direct, d.x, d.any_filter, d.y, d.strides, d.padding, d.padding}, attributes,
          cpu_engine(), forward);
      use(backward, dnnl::convolution_backward_data(backward), backward.weights_desc(), d.y, d.x);
    } else {
      const dnnl::convolution_backward_weights::primitive_desc backward(
          {direct, d.x, d.any_filter, d.y, d.strides, d.padding, d.padding}, attributes,
          cpu_engine(), forward);
      use(backward, dnnl::convolution_backward_weights(backward), backward.diff_weights_desc(), d.x,
          d.y);
    }
  }

  // The two image-like arrays in the order of the constructor's `first` and `second`.
  void run(const float* first, const float* second, const float* filter, Scratchpad& scratchpad) {
    first_.set_data_handle(const_cast<float*>(first));
    second_.set_data_handle(const_cast<float*>(second));
    plain_filter_.set_data_handle(const_cast<float*>(filter));
    scratchpad_.set_data_handle(scratchpad.at_least(scratchpad_.get_desc().get_size()));
    dnnl::stream& stream = cpu_stream();
    if (reorder_ && pass_ != Pass::filter_grad)
      reorder_.execute(stream, plain_filter_, blocked_filter_);
    const memory& used_filter = reorder_ ? blocked_filter_ : plain_filter_;
    primitive_.execute(stream, arguments(used_filter));
    if (reorder_ && pass_ == Pass::filter_grad)
      reorder_.execute(stream, blocked_filter_, plain_filter_);
    stream.wait();
  }

 private:
  void use(const dnnl::primitive_desc_base& desc, dnnl::primitive primitive,
           const memory::desc& filter, const memory::desc& first, const memory::desc& second) {
    primitive_ = std::move(primitive);
    first_ = memory(first, cpu_engine(), nullptr);
    second_ = memory(second, cpu_engine(), nullptr);
    scratchpad_ = memory(desc.scratchpad_desc(), cpu_engine(), nullptr);
    plain_filter_ = memory(plain_, cpu_engine(), nullptr);
    if (filter == plain_) return;
    blocked_filter_ = memory(filter, cpu_engine());
    reorder_ = pass_ == Pass::filter_grad ? dnnl::reorder(blocked_filter_, plain_filter_)
                                          : dnnl::reorder(plain_filter_, blocked_filter_);
  }

  std::unordered_map<int, memory> arguments(const memory& filter) const {
    switch (pass_) {
      case Pass::forward:
        return {{DNNL_ARG_SRC, first_},
                {DNNL_ARG_WEIGHTS, filter},
                {DNNL_ARG_DST, second_},
                {DNNL_ARG_SCRATCHPAD, scratchpad_}};
      case Pass::input_grad:
        return {{DNNL_ARG_DIFF_DST, first_},
                {DNNL_ARG_WEIGHTS, filter},
                {DNNL_ARG_DIFF_SRC, second_},
                {DNNL_ARG_SCRATCHPAD, scratchpad_}};
      case Pass::filter_grad:
        return {{DNNL_ARG_SRC, first_},
                {DNNL_ARG_DIFF_DST, second_},
                {DNNL_ARG_DIFF_WEIGHTS, filter},
                {DNNL_ARG_SCRATCHPAD, scratchpad_}};
    }
    return {};
  }

  Pass pass_;
  memory::desc plain_;
  dnnl::primitive primitive_;
  dnnl::reorder reorder_;
  memory first_, second_, plain_filter_, blocked_filter_, scratchpad_;
};

// A primitive is made for a number of threads as well as for a shape.
void run_plan(Pass pass, const Conv2dShape& s, const float* first, const float* second,
              const float* filter) {
  using Key = std::array<int, 11>;
  static std::map<Key, Plan> plans;
  static Scratchpad scratchpad(Device::cpu);  // plans run one after the other
  const Key key{int(pass), threads(), s.n, s.h, s.w, s.c, s.k, s.r, s.s, s.stride, s.pad};
  try {
    auto found = plans.find(key);
    if (found == plans.end()) found = plans.try_emplace(key, pass, s).first;
    found->second.run(first, second, filter, scratchpad);
  } catch (const dnnl::error& error) {
    fail(
        "conv2d: oneDNN refuses images [{}, {}, {}, {}] with filters [{}, {}, {}, {}], stride {}, "
        "padding {}: {}",
        s.n, s.h, s.w, s.c, s.k, s.r, s.s, s.c, s.stride, s.pad, error.what());
  }
}

}  // namespace

void run(Cpu, const Conv2d& op) {
  run_plan(Pass::forward, op.shape, op.x.f32(), op.y.f32(), op.filter);
}

void run(Cpu, const Conv2dInputGrad& op) {
  run_plan(Pass::input_grad, op.shape, op.dy.f32(), op.dx.f32(), op.filter);
}

void run(Cpu, const Conv2dFilterGrad& op) {
  run_plan(Pass::filter_grad, op.shape, op.x.f32(), op.dy.f32(), op.dfilter);
}

}  // namespace kernels
