// SPDX-License-Identifier: MIT
#include "kernels/conv2d.h"

#include <bit>
#include <cstdint>
#include <map>

#include "kernels/cuda/conv2d_plan.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/workspace.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch_counts.h"

namespace kernels {
namespace {

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

// Work space for the plan; or, where there is not so much memory even without what the pool keeps,
// another plan that needs less. It stays the plan, so that later calls give the same bits.
void* make_room(const Conv2dRequest& request, Conv2dPlan& plan) {
  while (true) {
    try {
      return workspace(plan.workspace_bytes());
    } catch (const OutOfMemory&) {
      plan = Conv2dPlan(request, plan.workspace_bytes() - 1);
    }
  }
}

void run_plan(Conv2dPass pass, const Conv2dShape& s, const void* x, const void* filter,
              const void* y) {
  // Stays, like the context: cuDNN may be gone before the last static object is.
  static auto& plans = *new std::map<Conv2dRequest, Conv2dPlan>;
  const Conv2dRequest request{
      pass, s, math_mode(), {alignment_of(x), alignment_of(filter), alignment_of(y)}};
  try {
    auto found = plans.find(request);
    if (found == plans.end()) found = plans.emplace(request, Conv2dPlan(request)).first;
    void* room = make_room(request, found->second);
    found->second.run(x, filter, y, room);
    count_launch(Cuda{}, &LaunchCounts::convolutions);
    finish_call_of("cuDNN");
  } catch (const Error& error) {
    fail("{}: images [{}, {}, {}, {}], filters [{}, {}, {}, {}], stride {}, padding {}: {}",
         name_of(pass), s.n, s.h, s.w, s.c, s.k, s.r, s.s, s.c, s.stride, s.pad, error.what());
  }
}

}  // namespace

void run(Cuda, const Conv2d& op) {
  run_plan(Conv2dPass::forward, op.shape, op.x.f32(), op.filter.f32(), op.y.f32());
}

void run(Cuda, const Conv2dInputGrad& op) {
  run_plan(Conv2dPass::input_grad, op.shape, op.dx.f32(), op.filter.f32(), op.dy.f32());
}

void run(Cuda, const Conv2dFilterGrad& op) {
  run_plan(Conv2dPass::filter_grad, op.shape, op.x.f32(), op.dfilter, op.dy.f32());
}

}  // namespace kernels
