// SPDX-License-Identifier: MIT
#pragma once
#include <initializer_list>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/ops.h"

/// What a pass through a network computes, for those who write networks down in another language,
/// as nn/onnx.h does: whatever calls ops is thereby described.
namespace engine {

using OpOptions = std::variant<std::monostate, Conv2d, BatchNorm, Pool2d>;

/// A call of an op of ops.h: conv2d, linear, batch_norm, one of the poolings, concat_channels,
/// reserve_channels, add.
struct OpCall {
  std::string_view op;  // "conv2d"
  OpOptions options;
  std::vector<Tensor> inputs;  // in the order of the declaration, null where absent
  Tensor output;
};

/// Notes the calls that its thread makes as long as it lives. It keeps their tensors, so that one
/// address is one array: another that comes to have it is made of it in place, by concat_channels.
class Trace {
 public:
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  const std::vector<OpCall>& calls() const { return calls_; }

 private:
  friend void trace(std::string_view, const OpOptions&, std::initializer_list<const Tensor*>,
                    const Tensor&);

  std::vector<OpCall> calls_;
  Trace* before_;
};

/// Notes a call, if there is a Trace.
void trace(std::string_view op, const OpOptions&, std::initializer_list<const Tensor*> inputs,
           const Tensor& output);

}  // namespace engine
