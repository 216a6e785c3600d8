// SPDX-License-Identifier: MIT
#pragma once
#include "engine/tensor.h"

/// What every op asks of its arguments before it trusts them.
namespace engine {

/// Throws Error, "add: a is missing", unless `t` is there and of `type`.
void expect(const char* op, const char* name, const Tensor& t, DType type);

/// The same, and unless `t` has `shape` and is on `device`.
void expect(const char* op, const char* name, const Tensor& t, DType type, const Shape& shape,
            Device device);

}  // namespace engine
