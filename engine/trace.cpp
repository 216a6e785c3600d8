// SPDX-License-Identifier: MIT
#include "engine/trace.h"

#include <utility>

namespace engine {

namespace {
thread_local Trace* current = nullptr;
}

Trace::Trace() : before_(std::exchange(current, this)) {}
Trace::~Trace() { current = before_; }

void trace(std::string_view op, const OpOptions& options,
           std::initializer_list<const Tensor*> inputs, const Tensor& output) {
  if (!current) return;
  OpCall call{op, options, {}, output.detach()};
  for (const Tensor* input : inputs) call.inputs.push_back(input->detach());
  current->calls_.push_back(std::move(call));
}

}  // namespace engine
