// SPDX-License-Identifier: MIT
#include "kernels/conv2d.h"

#include <bit>
#include <cstdint>
#include <map>

#include "kernels/cuda/conv2d_plan.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/workspace.h"
#include "kernels/elementwise.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch_counts.h"

namespace kernels {
namespace {

constexpr std::size_t alignment = 256;  // of work space and its parts

// Of a plan. Not what happens to be free: engines, and so the last bits of results, depend on the
// convolution and the kind of GPU alone. Where it cannot be had, memory is out.
constexpr std::size_t most_workspace = std::size_t{1} << 30;

int alignment_of(const void* at) {
  constexpr std::uintptr_t enough = 16;
  return int(std::uintptr_t{1} << std::countr_zero(reinterpret_cast<std::uintptr_t>(at) | enough));
}

const char* name_of(Conv2dPass pass) {
  switch (pass) {
    case Conv2dPass::forward: return "conv2d";
    case Conv2dPass::input_grad: return "conv2d, input gradient";
    case Conv2dPass::filter_grad: return "conv2d, filter gradient";
  }
  return "?";
}

// A null filter is one in work space, to which its address is returned.
const void* run_plan(Conv2dPass pass, const Conv2dShape& s, DType type, const void* x,
                     const void* filter, const void* y, bool adds = false) {
  // Stays, like the context: cuDNN may be gone before the last static object is.
  static auto& plans = *new std::map<Conv2dRequest, Conv2dPlan>;
  const Conv2dRequest request{
      pass, s, math_mode(), {alignment_of(x), alignment_of(filter), alignment_of(y)}, type, adds};
  try {
    auto found = plans.find(request);
    if (found == plans.end())
      found = plans.emplace(request, Conv2dPlan(request, most_workspace)).first;
    const std::size_t of_filter =
        filter == nullptr ? ceil_div(s.filter_size() * size_of(type), alignment) * alignment : 0;
    char* const room = static_cast<char*>(workspace(of_filter + found->second.workspace_bytes()));
    if (filter == nullptr) filter = room;
    found->second.run(x, filter, y, room + of_filter);
    count_launch(Cuda{}, &LaunchCounts::convolutions);
    finish_call_of("cuDNN");
    return filter;
  } catch (const Error& error) {
    fail("{}: images [{}, {}, {}, {}], filters [{}, {}, {}, {}], stride {}, padding {}: {}",
         name_of(pass), s.n, s.h, s.w, s.c, s.k, s.r, s.s, s.c, s.stride, s.pad, error.what());
  }
}

}  // namespace

void run(Cuda, const Conv2d& op) {
  with_type(op.x.type, [&](auto element) {
    using T = decltype(element);
    run_plan(Conv2dPass::forward, op.shape, op.x.type, op.x.as<T>(), op.filter.as<T>(),
             op.y.as<T>());
  });
}

void run(Cuda, const Conv2dInputGrad& op) {
  with_type(op.dx.type, [&](auto element) {
    using T = decltype(element);
    run_plan(Conv2dPass::input_grad, op.shape, op.dx.type, op.dx.as<T>(), op.filter.as<T>(),
             op.dy.as<T>(), op.adds);
  });
}

// cuDNN has the gradient of a filter from bf16 in bf16 alone: it goes to work space, and is
// widened.
void run(Cuda, const Conv2dFilterGrad& op) {
  with_type(op.x.type, [&](auto element) {
    using T = decltype(element);
    const bool narrow = op.x.type == DType::bf16;
    const void* dfilter = run_plan(Conv2dPass::filter_grad, op.shape, op.x.type, op.x.as<T>(),
                                   narrow ? nullptr : op.dfilter, op.dy.as<T>());
    if (narrow) run(Cuda{}, Convert{{dfilter, op.x.type}, op.dfilter, op.shape.filter_size()});
  });
}

}  // namespace kernels
